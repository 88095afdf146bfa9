#include "directory/identifier/natural_identifier.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wardlock::directory {
namespace {

constexpr std::chrono::year kToday{2026};

std::string form_of(NaturalIdentifier identifier, std::string_view text) {
  const auto found = normalised(identifier, text, kToday);
  return found ? *found : "refused: " + found.error().message;
}

TEST(NaturalIdentifier, EachIsReadByItsOwnRules) {
  using enum NaturalIdentifier;
  EXPECT_EQ(form_of(kName, " E-1042 "), "E-1042");
  EXPECT_EQ(form_of(kUserName, "Nurse-Lee"), "nurse-lee");
  EXPECT_EQ(form_of(kEmail, "Lee@Hospital.example"), "lee@hospital.example");
  EXPECT_EQ(form_of(kNpi, "1234567893"), "1234567893");
  EXPECT_EQ(form_of(kUdi,
                    "0109506000134352"
                    "211234"),
            "(01)09506000134352(21)1234");
  EXPECT_EQ(form_of(kDeviceIdentifier, "9506000134352"), "(01)09506000134352");
  EXPECT_EQ(form_of(kSerial, "SN 0042/a\n"), "SN 0042/a");
  EXPECT_EQ(form_of(kMac, "00-1A-2B-3C-4D-5E"), "00:1a:2b:3c:4d:5e");
  EXPECT_EQ(form_of(kUuid, "{018F8A6E-5C1D-7B3A-9E2F-0A1B2C3D4E5F}"),
            "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f");
}

TEST(NaturalIdentifier, SaysWhyNotAndWhatWasExpected) {
  using enum NaturalIdentifier;
  EXPECT_EQ(
      form_of(kNpi, "1234567890"),
      "refused: the check digit of the NPI is `0`, and should be `3` (a digit was misread, or "
      "two have changed places)");
  EXPECT_TRUE(form_of(kUdi, "(01)09506000134353(11)141331").contains("; the date of manufacture"));
  EXPECT_TRUE(form_of(kDeviceIdentifier, "(01)09506000134352(21)1").contains("serial number"));
  EXPECT_TRUE(form_of(kSerial, "SN\x01").contains("invisible character"));
  EXPECT_TRUE(form_of(kSerial, "SN\u200B1").contains("invisible character"));
  EXPECT_TRUE(form_of(kSerial, "e\u0301").contains("(NFC)"));
  EXPECT_TRUE(form_of(kName, std::string(257, 'x')).contains("too long"));
  EXPECT_TRUE(form_of(kName, " ").contains("there is no name"));
}

TEST(NaturalIdentifier, NothingReadsWhatIsEmptyOrNoText) {
  for (const NaturalIdentifier each : natural_identifiers()) {
    for (const std::string_view text : {"", " ", "\xff", "\xed\xa0\x80"}) {
      const auto found = normalised(each, text, kToday);
      ASSERT_FALSE(found) << to_string(each);
      EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
      EXPECT_FALSE(found.error().message.empty());
    }
  }
}

TEST(NaturalIdentifier, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const NaturalIdentifier each : natural_identifiers()) {
    names.insert(to_string(each));
    EXPECT_FALSE(describe(each).empty());
  }
  EXPECT_EQ(names.size(), natural_identifiers().size());
}

}  // namespace
}  // namespace wardlock::directory
