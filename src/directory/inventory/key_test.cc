#include "directory/inventory/key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

constexpr std::chrono::year kYear(2026);

/// `attribute=value` of each way in which it can be meant; behind `<` what it is within.
std::string read(std::string_view text, Kinds kinds) {
  const auto key = read_key(text, kinds);
  if (!key) return "error: " + key.error().message;
  std::string out;
  for (const Naming& naming : namings(*key, kYear)) {
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", naming.by.path, naming.value);
    if (naming.within) out += "<" + naming.within->value;
  }
  return out;
}

TEST(Key, NamesByWhatIsUnique) {
  EXPECT_EQ(read("organisation:st-mary", {Kind::kOrganisation}), "code=st-mary");
  EXPECT_EQ(read("person:Grey", {Kind::kPerson}),
            "userName=grey employeeNumber=Grey entityId=Grey");
  EXPECT_EQ(read("person.employeeNumber:4711", {Kind::kPerson}), "employeeNumber=4711");
  EXPECT_EQ(read("deviceModel:09506000134352", {Kind::kDeviceModel}),
            "deviceIdentifier=(01)09506000134352 entityId=09506000134352");
  EXPECT_EQ(read("device:00:1B:63:84:45:E6", {Kind::kDevice}),
            "macAddresses=00:1b:63:84:45:e6 assetTag=00:1B:63:84:45:E6 entityId=00:1B:63:84:45:E6");
}

TEST(Key, NeedsNoKindWhereThereIsOne) {
  EXPECT_EQ(read("meridian/MX-4", {Kind::kDeviceModel}),
            "modelNumber=MX-4<meridian entityId=meridian/MX-4");
  EXPECT_EQ(read("Wardlock::Auditor", {Kind::kRole}), "displayName=Wardlock::Auditor");
  EXPECT_EQ(read("grey", {Kind::kPerson, Kind::kGroup}),
            "error: `grey` is no key: write `person:…` or `group:…`");
}

TEST(Key, HasPartsOfWhichTheLastIsItsOwn) {
  EXPECT_EQ(read("device:meridian/MX-4/SN-1", {Kind::kDevice}),
            "serialNumber=SN-1<meridian/MX-4 assetTag=meridian/MX-4/SN-1 "
            "entityId=meridian/MX-4/SN-1");
  EXPECT_EQ(read("meridian/MX-4/SN%2F1%25", {Kind::kDevice}),
            "serialNumber=SN/1%<meridian/MX-4 assetTag=meridian/MX-4/SN%2F1%25 "
            "entityId=meridian/MX-4/SN%2F1%25");
  const Key part{.kind = Kind::kOrganisation, .value = "a%2Fb", .is_part = true};
  ASSERT_EQ(namings(part, kYear).size(), 1U);
  EXPECT_EQ(namings(part, kYear).front().value, "a/b");
  const Key torn{.kind = Kind::kOrganisation, .value = "a/b", .is_part = true};
  EXPECT_TRUE(namings(torn, kYear).empty());
  EXPECT_EQ(escaped_part("SN/1%"), "SN%2F1%25");
  EXPECT_EQ(unescaped_part("SN%2F1%25%2f%2"), "SN/1%/%2");
}

TEST(Key, OfAUdiIsWrittenAsItIs) {
  EXPECT_EQ(read("(21)SN-1(01)09506000134352", {Kind::kDevice}).substr(0, 31),
            "udi=(01)09506000134352(21)SN-1 ");
  EXPECT_EQ(read("device.udi:+A123BJC5D6E71G", {Kind::kDevice}), "udi=+A123BJC5D6E71G");
}

TEST(Key, IsByNameWhereNothingIsUnique) {
  EXPECT_EQ(read("group:Night nurses", {Kind::kGroup}),
            "entityId=Night nurses displayName=Night nurses");
  EXPECT_EQ(read("meridian/Dose control/2.1", {Kind::kModuleVersion}),
            "version=2.1<meridian/Dose control entityId=meridian/Dose control/2.1");
  EXPECT_EQ(preferred_naming(Kind::kGroup).path, "displayName");
  EXPECT_EQ(preferred_naming(Kind::kDevice).path, "serialNumber");
  EXPECT_EQ(preferred_naming(Kind::kPerson).path, "userName");
}

TEST(Key, SaysWhatIsRight) {
  EXPECT_EQ(read("", {Kind::kRole}), "error: is an empty text; leave it out instead");
  EXPECT_EQ(read("role:", {Kind::kRole}), "error: `role:` has nothing behind its colon");
  EXPECT_EQ(read("role:x", {Kind::kPerson}),
            "error: `role:x` is the key of a thing of the kind `role`; here it is `person:…`");
  EXPECT_EQ(read("person.userNam:x", {Kind::kPerson}),
            "error: no attribute `userNam` names people; did you mean `userName`?");
  EXPECT_EQ(read("person.title:x", {Kind::kPerson}).substr(0, 45),
            "error: no attribute `title` names people");
  EXPECT_EQ(read("person:\xff", {Kind::kPerson}), "error: is not valid UTF-8");
  EXPECT_EQ(read(std::string(3000, 'x'), {Kind::kPerson}),
            "error: is a key of 3000 bytes; at most 2048 are read");
}

TEST(Key, OfAttributesPassesOverWhatIsWrong) {
  const boost::json::object attributes = {{"model", "meridian/MX-4"},
                                          {"serialNumber", "SN-1"},
                                          {"uuid", "no uuid"},
                                          {"assetTag", 7},
                                          {"macAddresses", {"00-1b-63-84-45-e6", "x", nullptr}}};
  const auto found = namings(Kind::kDevice, attributes, kYear);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].value, "SN-1");
  EXPECT_EQ(found[0].within->value, "meridian/MX-4");
  EXPECT_EQ(found[1].value, "00:1b:63:84:45:e6");
}

}  // namespace
}  // namespace wardlock::directory
