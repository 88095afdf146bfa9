#include "directory/identifier/numbers.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::directory {
namespace {

using Normalise = Parsed<std::string> (*)(std::string_view);

std::string normal(Normalise normalise, std::string_view text) {
  const auto found = normalise(text);
  return found ? *found : "refused: " + found.error().front().message;
}

void expect_refused(Normalise normalise, std::string_view text, std::uint32_t place,
                    std::string_view why) {
  const auto found = normalise(text);
  ASSERT_FALSE(found) << text << " is " << *found;
  const Diagnostic& first = found.error().front();
  EXPECT_TRUE(first.message.contains(why)) << text << ": " << first.message;
  EXPECT_EQ(first.span.begin, place) << text;
  EXPECT_LE(first.span.end, text.size()) << text;
  EXPECT_FALSE(first.help.empty());
}

TEST(Npi, HasLuhnsCheckDigitBehindThePrefixOfHealth) {
  EXPECT_EQ(normal(normalise_npi, "1234567893"), "1234567893");
  EXPECT_EQ(normal(normalise_npi, " 1234567893\n"), "1234567893");
  expect_refused(normalise_npi, "1234567890", 9, "is `0`, and should be `3`");
  expect_refused(normalise_npi, "1234567983", 9, "and should be");
  expect_refused(normalise_npi, "123456789", 0, "has 9 digits");
  expect_refused(normalise_npi, "12345678931", 0, "has 11 digits");
  expect_refused(normalise_npi, "3234567893", 0, "begins with `3`");
  expect_refused(normalise_npi, "123456789X", 9, "consists of digits");
  expect_refused(normalise_npi, "123-456-7893", 3, "consists of digits");
  expect_refused(normalise_npi, "123456789\u0663", 9, "consists of digits");
  expect_refused(normalise_npi, "", 0, "there is no NPI");
  expect_refused(normalise_npi, std::string(65, '1'), 64, "too long");
}

TEST(Npi, EveryWrongDigitIsFound) {
  const std::string sound = "1234567893";
  for (std::size_t place = 0; place < sound.size(); ++place) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string changed = sound;
      changed[place] = digit;
      EXPECT_EQ(normalise_npi(changed).has_value(), changed == sound) << changed;
    }
  }
}

TEST(HardwareAddress, IsWrittenInManyWaysAndKeptInOne) {
  for (const char* text : {"00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001A.2B3C.4D5E",
                           "001a2b3c4d5e", "\t00:1a:2b:3c:4d:5E "}) {
    EXPECT_EQ(normal(normalise_hardware_address, text), "00:1a:2b:3c:4d:5e");
  }
  EXPECT_EQ(normal(normalise_hardware_address, "001A2BFFFE3C4D5E"), "00:1a:2b:ff:fe:3c:4d:5e");
  EXPECT_EQ(normal(normalise_hardware_address, "02:00:00:00:00:01"), "02:00:00:00:00:01");
}

TEST(HardwareAddress, RefusesWhatNoDeviceHas) {
  const auto expect = [](std::string_view text, std::uint32_t place, std::string_view why) {
    expect_refused(normalise_hardware_address, text, place, why);
  };
  expect("00:00:00:00:00:00", 0, "all zeros");
  expect("ff:ff:ff:ff:ff:ff", 0, "address of a group");
  expect("01:00:5e:00:00:01", 0, "address of a group");
  expect("00:1a:2b:3c:4d", 0, "has 10 hexadecimal digits");
  expect("00:1a:2b:3c:4d:5e:6f", 0, "has 14");
  expect("00:1a:2b:3c:4d:5e:", 0, "has 12");
  expect("00:1a-2b:3c:4d:5e", 5, "not all in place");
  expect("001:a2:b3:c4:d5:e", 2, "not all in place");
  expect("00::1a:2b:3c:4d:5e", 3, "no hexadecimal digit");
  expect("00:1g:2b:3c:4d:5e", 4, "no hexadecimal digit");
  expect("001a.2b3c:4d5e", 2, "not all in place");
  expect("0x1a2b3c4d5e", 1, "no hexadecimal digit");
  expect("00 1a 2b 3c 4d 5e", 2, "no hexadecimal digit");
  expect("", 0, "there is no hardware address");
}

TEST(Uuid, IsKeptInLowercase) {
  const std::string uuid = "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f";
  for (const char* text :
       {"018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f", "018F8A6E-5C1D-7B3A-9E2F-0A1B2C3D4E5F",
        "urn:uuid:018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f",
        "URN:UUID:018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f",
        "{018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f}\r\n"}) {
    EXPECT_EQ(normal(normalise_uuid, text), uuid);
  }
}

TEST(Uuid, RefusesWhatIsNone) {
  expect_refused(normalise_uuid, "018f8a6e5c1d7b3a9e2f0a1b2c3d4e5f", 8, "no UUID");
  expect_refused(normalise_uuid, "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5", 0, "and this 35");
  expect_refused(normalise_uuid, "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f0", 0, "and this 37");
  expect_refused(normalise_uuid, "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5g", 35, "no UUID");
  expect_refused(normalise_uuid, "urn:uuid:018f8a6e_5c1d-7b3a-9e2f-0a1b2c3d4e5f", 17, "no UUID");
  expect_refused(normalise_uuid, "{018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f", 0, "no UUID");
  expect_refused(normalise_uuid, "00000000-0000-0000-0000-000000000000", 0, "stands for none");
  expect_refused(normalise_uuid, "FFFFFFFF-ffff-ffff-ffff-ffffffffffff", 0, "stands for none");
  expect_refused(normalise_uuid, "{}", 1, "and this 0");
  expect_refused(normalise_uuid, "urn:uuid:", 9, "and this 0");
}

}  // namespace
}  // namespace wardlock::directory
