#include "api/scim/projection.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::scim {
namespace {

Returned returned(const AttributePath& path) {
  if (path.attribute == "id" || path.attribute == "schemas") return Returned::kAlways;
  if (path.attribute == "password") return Returned::kNever;
  if (path.attribute == "history") return Returned::kRequest;
  if (path.attribute == "emails" && path.sub_attribute == "value") return Returned::kAlways;
  return Returned::kDefault;
}

constexpr std::string_view kUser = R"({"schemas": ["urn:a:User"], "id": "1", "userName": "b",
  "password": "x", "history": ["y"], "name": {"givenName": "B", "familyName": "J"},
  "emails": [{"value": "b@x", "type": "work"}, {"value": "b@y", "type": "home"}],
  "urn:b:Staff": {"department": "ICU", "manager": {"value": "2", "displayName": "M"}}})";

/// The user in the reply, as text.
std::string projected(std::string_view attributes, std::string_view excluded = "") {
  const auto projection = Projection::parse(attributes, excluded);
  if (!projection) return "refused: " + projection.error().message;
  const auto user = codec::parse_json(kUser).value().as_object();
  return codec::to_json_text(projection->apply(user, returned));
}

std::string with(std::string_view members) {
  return R"({"schemas":["urn:a:User"],"id":"1")" + std::string(members) + "}";
}

constexpr std::string_view kName = R"(,"name":{"givenName":"B","familyName":"J"})";
constexpr std::string_view kEmails =
    R"(,"emails":[{"value":"b@x","type":"work"},{"value":"b@y","type":"home"}])";
constexpr std::string_view kStaff =
    R"(,"urn:b:Staff":{"department":"ICU","manager":{"value":"2","displayName":"M"}})";

std::string all(std::string_view a, std::string_view b, std::string_view c, std::string_view d) {
  return with(std::string(a) + std::string(b) + std::string(c) + std::string(d));
}
constexpr std::string_view kUserName = R"(,"userName":"b")";

TEST(Projection, UsuallyWhatIsReturnedByDefault) {
  EXPECT_EQ(projected(""), all(kUserName, kName, kEmails, kStaff));
}

TEST(Projection, OnlyWhatIsAskedForAndWhatAlwaysIs) {
  EXPECT_EQ(projected("userName"), with(kUserName));
  EXPECT_EQ(projected("USERNAME, name"), all(kUserName, kName, "", ""));
  EXPECT_EQ(projected("urn:a:User:userName"), with(kUserName));
  EXPECT_EQ(projected("name.givenName"), with(R"(,"name":{"givenName":"B"})"));
  EXPECT_EQ(projected("history"), with(R"(,"history":["y"])"));
  EXPECT_EQ(projected("shoeSize"), with(""));
  EXPECT_EQ(projected("emails.type"), with(kEmails));
  EXPECT_EQ(projected("urn:b:Staff:department"), with(R"(,"urn:b:Staff":{"department":"ICU"})"));
  EXPECT_EQ(projected("urn:b:Staff:manager.value"),
            with(R"(,"urn:b:Staff":{"manager":{"value":"2"}})"));
  EXPECT_EQ(projected("urn:b:Staff"), with(kStaff));
}

TEST(Projection, WithoutWhatIsExcludedUnlessItAlwaysIs) {
  EXPECT_EQ(projected("", "emails,name,urn:b:Staff"), with(kUserName));
  EXPECT_EQ(projected("", "id,schemas,userName"), all(kName, kEmails, kStaff, ""));
  EXPECT_EQ(projected("", "name.familyName,emails.value,emails.type,urn:b:Staff:department"),
            all(kUserName, R"(,"name":{"givenName":"B"})",
                R"(,"emails":[{"value":"b@x"},{"value":"b@y"}])",
                R"(,"urn:b:Staff":{"manager":{"value":"2","displayName":"M"}})"));
}

TEST(Projection, NeverWhatIsNever) {
  EXPECT_EQ(projected("password"), with(""));
  EXPECT_EQ(projected("password.value"), with(""));
  EXPECT_FALSE(projected("", "userName").contains("password"));
  EXPECT_FALSE(projected("", "userName").contains("history"));
}

TEST(Projection, RefusesWhatIsNoName) {
  for (const char* list : {",", "a,", ",a", "a b", "a..b", "1a", "http:a", " "}) {
    EXPECT_TRUE(projected(list).starts_with("refused: `")) << list;
    EXPECT_TRUE(projected("", list).starts_with("refused: `")) << list;
  }
  EXPECT_TRUE(projected("a", "b").contains("not both"));
  std::string many = "a";
  for (int i = 1; i < 100; ++i) many += ",a";
  EXPECT_FALSE(projected(many).contains("refused"));
  EXPECT_TRUE(projected(many + ",a").contains("at most 100"));
}

}  // namespace
}  // namespace wardlock::scim
