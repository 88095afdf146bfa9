#include "api/scim/patch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace wardlock::scim {
namespace {

using codec::Json;

constexpr std::string_view kEnterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

Json json(std::string_view text) {
  auto parsed = codec::parse_json(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json();
}

/// A small schema of users, as the directory's would be told.
std::optional<AttributeTraits> traits(const AttributePath& path) {
  static const std::map<std::string, AttributeTraits> known = {
      {"username", {.name = "userName", .is_required = true}},
      {"displayname", {.name = "displayName"}},
      {"active", {.name = "active"}},
      {"id", {.name = "id", .is_read_only = true}},
      {"name", {.name = "name", .is_complex = true}},
      {"name.givenname", {.name = "givenName"}},
      {"name.familyname", {.name = "familyName"}},
      {"name.formatted", {.name = "formatted", .is_read_only = true}},
      {"emails", {.name = "emails", .is_multi_valued = true, .is_complex = true}},
      {"emails.value", {.name = "value", .is_required = true}},
      {"emails.type", {.name = "type"}},
      {"emails.primary", {.name = "primary"}},
      {"schemas", {.name = "schemas", .is_multi_valued = true, .is_required = true}},
      {"tags", {.name = "tags", .is_multi_valued = true}},
      {"department", {.name = "department", .container = std::string(kEnterprise)}},
      {"manager", {.name = "manager", .container = std::string(kEnterprise), .is_complex = true}},
      {"manager.value", {.name = "value"}},
  };
  AttributePath plain = path;
  plain.schema.clear();
  std::string key = to_string(plain);
  for (char& c : key) c = static_cast<char>(std::tolower(c));
  const auto found = known.find(key);
  if (found == known.end()) return std::nullopt;
  const bool is_of_extension = key.starts_with("department") || key.starts_with("manager");
  if (is_of_extension != (path.schema == kEnterprise)) return std::nullopt;
  return found->second;
}

constexpr std::string_view kUser = R"({"id": "1", "userName": "bjensen",
  "name": {"givenName": "Barbara", "familyName": "Jensen"},
  "emails": [{"value": "b@work.example", "type": "work", "primary": true},
             {"value": "b@home.example", "type": "home"}],
  "tags": ["a", "b"]})";

Outcome<boost::json::object> patched(std::string_view operations, std::string_view user = kUser) {
  const Json body = json(fmt::format(
      R"({{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": {}}})",
      operations));
  auto read = parse_patch(body);
  if (!read) return std::unexpected(read.error());
  return apply_patch(json(user).as_object(), *read, traits);
}

/// What a member of the user is after the operations; `null` if it is not there.
void expect(std::string_view operations, std::string_view member, std::string_view value,
            std::string_view user = kUser) {
  const auto changed = patched(operations, user);
  ASSERT_TRUE(changed) << operations << ": " << changed.error().message;
  const auto* found = changed->if_contains(member);
  EXPECT_EQ(found == nullptr ? Json() : *found, json(value)) << operations;
}

void expect_refused(std::string_view operations, ErrorType type, std::string_view why) {
  const auto changed = patched(operations);
  ASSERT_FALSE(changed) << operations << ": " << codec::to_json_text(*changed);
  EXPECT_EQ(to_string(changed.error().type), to_string(type)) << changed.error().message;
  EXPECT_TRUE(changed.error().message.contains(why)) << changed.error().message;
}

TEST(Patch, Adds) {
  expect(R"([{"op": "add", "path": "displayName", "value": "Babs"}])", "displayName", R"("Babs")");
  expect(R"([{"op": "add", "path": "tags", "value": ["c", "a"]}])", "tags", R"(["a", "b", "c"])");
  expect(R"([{"op": "add", "path": "tags", "value": "c"}])", "tags", R"(["a", "b", "c"])");
  expect(R"([{"op": "add", "path": "name", "value": {"familyName": "Lee"}}])", "name",
         R"({"givenName": "Barbara", "familyName": "Lee"})");
  expect(R"([{"op": "Add", "path": "NAME.familyname", "value": "Lee"}])", "name",
         R"({"givenName": "Barbara", "familyName": "Lee"})");
  expect(
      R"([{"op": "add", "value": {"emails": [{"value": "b@ward.example"}], "displayName": "B"}}])",
      "emails",
      R"([{"value": "b@work.example", "type": "work", "primary": true},
             {"value": "b@home.example", "type": "home"}, {"value": "b@ward.example"}])");
  expect(R"([{"op": "add", "path": "emails[type eq \"home\"].primary", "value": false}])", "emails",
         R"([{"value": "b@work.example", "type": "work", "primary": true},
             {"value": "b@home.example", "type": "home", "primary": false}])");
  expect(R"([{"op": "add", "path": "tags", "value": ["x"]}])", "tags", R"(["x"])", "{}");
  expect(R"([{"op": "add", "path": "name.givenName", "value": "B"}])", "name",
         R"({"givenName": "B"})", "{}");
  expect(R"([{"op": "add", "path": "displayName", "value": null}])", "displayName", "null");
}

TEST(Patch, Replaces) {
  expect(R"([{"op": "replace", "path": "userName", "value": "bj"}])", "userName", R"("bj")");
  expect(R"([{"op": "replace", "path": "displayName", "value": "B"}])", "displayName", R"("B")");
  expect(R"([{"op": "replace", "path": "tags", "value": ["c"]}])", "tags", R"(["c"])");
  expect(R"([{"op": "replace", "path": "tags", "value": []}])", "tags", "null");
  expect(R"([{"op": "replace", "path": "name", "value": {"givenName": null}}])", "name",
         R"({"familyName": "Jensen"})");
  expect(R"([{"op": "replace", "path": "emails[type eq \"work\"]",
              "value": {"value": "new@work.example", "type": "work"}}])",
         "emails",
         R"([{"value": "new@work.example", "type": "work"},
             {"value": "b@home.example", "type": "home"}])");
  expect(R"([{"op": "replace", "path": "emails[type eq \"work\" or type eq \"home\"].type",
              "value": "other"}])",
         "emails",
         R"([{"value": "b@work.example", "type": "other", "primary": true},
             {"value": "b@home.example", "type": "other"}])");
  expect(R"([{"op": "replace", "path": "emails.type", "value": "x"}])", "emails",
         R"([{"value": "b@work.example", "type": "x", "primary": true},
             {"value": "b@home.example", "type": "x"}])");
  expect(R"([{"op": "replace", "path": "tags[value eq \"a\"]", "value": "z"}])", "tags",
         R"(["z", "b"])");
  expect(R"([{"op": "replace", "value": {"name.givenName": "Babs"}}])", "name",
         R"({"givenName": "Babs", "familyName": "Jensen"})");
}

TEST(Patch, Removes) {
  expect(R"([{"op": "remove", "path": "name"}])", "name", "null");
  expect(R"([{"op": "remove", "path": "name.givenName"}])", "name", R"({"familyName": "Jensen"})");
  expect(R"([{"op": "remove", "path": "name.givenName"},
             {"op": "remove", "path": "name.familyName"}])",
         "name", "null");
  expect(R"([{"op": "remove", "path": "emails[type eq \"home\"]"}])", "emails",
         R"([{"value": "b@work.example", "type": "work", "primary": true}])");
  expect(R"([{"op": "remove", "path": "emails[value pr]"}])", "emails", "null");
  expect(R"([{"op": "remove", "path": "emails[type eq \"home\"].type"}])", "emails",
         R"([{"value": "b@work.example", "type": "work", "primary": true},
             {"value": "b@home.example"}])");
  expect(R"([{"op": "remove", "path": "tags[value eq \"A\"]"}])", "tags", R"(["b"])");
  expect(R"([{"op": "remove", "path": "displayName"}])", "displayName", "null");
}

TEST(Patch, OneValueIsPrimary) {
  constexpr std::string_view kHome =
      R"([{"value": "b@work.example", "type": "work", "primary": false},
          {"value": "b@home.example", "type": "home", "primary": true}])";
  expect(R"([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}])",
         "emails", kHome);
  expect(R"([{"op": "add", "path": "emails",
              "value": [{"value": "c@x.example", "primary": true}]}])",
         "emails",
         R"([{"value": "b@work.example", "type": "work", "primary": false},
             {"value": "b@home.example", "type": "home"},
             {"value": "c@x.example", "primary": true}])");
  expect_refused(R"([{"op": "replace", "path": "emails.primary", "value": true}])",
                 ErrorType::kInvalidValue, "two values are `primary`");
}

TEST(Patch, AnExtensionIsAMemberOfItsOwn) {
  expect(R"([{"op": "add",
              "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
              "value": "ICU"}])",
         kEnterprise, R"({"department": "ICU"})");
  expect(R"([{"op": "add", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
              {"department": "ICU", "manager": {"value": "2"}}}}])",
         kEnterprise, R"({"department": "ICU", "manager": {"value": "2"}})");
  expect(
      R"([{"op": "remove",
              "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"}])",
      kEnterprise, "null",
      R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "ICU"}})");
}

TEST(Patch, RefusesByTheLetter) {
  expect_refused(R"([{"op": "remove"}])", ErrorType::kNoTarget, "Operations[0]: `path` is missing");
  expect_refused(R"([{"op": "remove", "path": "emails[type eq \"fax\"]"}])", ErrorType::kNoTarget,
                 "no value of `emails`");
  expect_refused(R"([{"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}])",
                 ErrorType::kNoTarget, "no value");
  expect_refused(R"([{"op": "replace", "path": "shoeSize", "value": 5}])", ErrorType::kInvalidPath,
                 "no attribute `shoeSize`");
  expect_refused(R"([{"op": "replace", "path": "name.shoeSize", "value": 5}])",
                 ErrorType::kInvalidPath, "`name.shoeSize`");
  expect_refused(R"([{"op": "replace", "path": "name[givenName pr].givenName", "value": "x"}])",
                 ErrorType::kInvalidPath, "nothing to choose");
  expect_refused(R"([{"op": "replace", "path": "emails[type eq]", "value": "x"}])",
                 ErrorType::kInvalidPath, "character 15");
  expect_refused(R"([{"op": "replace", "path": "emails[type pr", "value": "x"}])",
                 ErrorType::kInvalidPath, "expected `]`");
  expect_refused(R"([{"op": "replace", "path": "emails[type pr].value.x", "value": "x"}])",
                 ErrorType::kInvalidPath, "");
  expect_refused(R"([{"op": "replace", "path": "emails.value[type pr]", "value": "x"}])",
                 ErrorType::kInvalidPath, "no values to choose");
  expect_refused(R"([{"op": "replace", "path": "", "value": "x"}])", ErrorType::kInvalidPath,
                 "name of an attribute");
  expect_refused(R"([{"op": "replace", "path": "userName eq \"x\"", "value": "x"}])",
                 ErrorType::kInvalidPath, "end of the path");
  expect_refused(R"([{"op": "replace", "path": 5, "value": "x"}])", ErrorType::kInvalidPath,
                 "string");
  expect_refused(R"([{"op": "replace", "path": "id", "value": "2"}])", ErrorType::kMutability,
                 "`id` is read-only");
  expect_refused(R"([{"op": "add", "value": {"id": "2"}}])", ErrorType::kMutability, "read-only");
  expect_refused(R"([{"op": "replace", "path": "name.formatted", "value": "x"}])",
                 ErrorType::kMutability, "read-only");
  expect_refused(R"([{"op": "add", "path": "name", "value": {"formatted": "x"}}])",
                 ErrorType::kMutability, "read-only");
  expect_refused(R"([{"op": "remove", "path": "userName"}])", ErrorType::kMutability, "required");
  expect_refused(R"([{"op": "replace", "path": "userName", "value": null}])",
                 ErrorType::kMutability, "required");
  expect_refused(R"([{"op": "remove", "path": "emails.value"}])", ErrorType::kMutability,
                 "required");
  expect_refused(R"([{"op": "replace", "path": "emails[type pr].value", "value": null}])",
                 ErrorType::kMutability, "required");
  expect_refused(R"([{"op": "add", "path": "userName"}])", ErrorType::kInvalidValue, "`value`");
  expect_refused(R"([{"op": "add", "value": "x"}])", ErrorType::kInvalidValue, "object");
  expect_refused(R"([{"op": "add", "value": {"shoeSize": 5}}])", ErrorType::kInvalidValue,
                 "`shoeSize`");
  expect_refused(R"([{"op": "add", "path": "name", "value": "x"}])", ErrorType::kInvalidValue,
                 "object of sub-attributes");
  expect_refused(R"([{"op": "add", "path": "name", "value": {"shoeSize": 5}}])",
                 ErrorType::kInvalidValue, "`name.shoeSize`");
  expect_refused(R"([{"op": "add", "path": "emails", "value": ["x"]}])", ErrorType::kInvalidValue,
                 "object of sub-attributes");
  expect_refused(R"([{"op": "add", "path": "userName", "value": ["x"]}])", ErrorType::kInvalidValue,
                 "one simple value");
  expect_refused(R"([{"op": "add", "path": "tags", "value": [{"a": 1}]}])",
                 ErrorType::kInvalidValue, "simple values");
  expect_refused(R"([{"op": "move", "path": "tags"}])", ErrorType::kInvalidSyntax,
                 "`move` is no operation");
  expect_refused(R"([{"path": "tags"}])", ErrorType::kInvalidSyntax, "`op` is missing");
  expect_refused(R"([5])", ErrorType::kInvalidSyntax, "no object");
  expect_refused("[]", ErrorType::kInvalidSyntax, "`Operations`");
  expect_refused("{}", ErrorType::kInvalidSyntax, "`Operations`");
}

TEST(Patch, ManyValuesAreNotEachComparedWithEach) {
  constexpr int kMany = 100'000;  // compared with each other they take minutes
  boost::json::array emails;
  for (int i = 0; i < kMany; ++i) {
    emails.push_back({{"value", fmt::format("{}@x.example", i)}, {"primary", i == 0}});
  }
  emails.push_back(emails.front());
  const Json body = {
      {"schemas", {"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
      {"Operations",
       {{{"op", "add"}, {"path", "emails"}, {"value", emails}},
        {{"op", "remove"}, {"path", R"(emails[value co "1@"])"}},
        {{"op", "replace"}, {"path", R"(emails[value sw "9"].type)"}, {"value", "work"}}}}};
  const auto operations = parse_patch(body);
  ASSERT_TRUE(operations) << operations.error().message;
  const auto patched = apply_patch({{"userName", "bjensen"}}, *operations, traits);
  ASSERT_TRUE(patched) << patched.error().message;
  EXPECT_EQ(patched->at("emails").as_array().size(), kMany - kMany / 10);
}

TEST(Patch, IsAppliedWholeOrNotAtAll) {
  expect_refused(R"([{"op": "remove", "path": "tags"}, {"op": "remove", "path": "id"}])",
                 ErrorType::kMutability, "Operations[1]");
}

TEST(Patch, ABodyIsAPatchWithAFewOperations) {
  for (const char* text : {"5", "[]", "{}", R"({"schemas": []})", R"({"schemas": "PatchOp"})",
                           R"({"schemas": ["urn:x"], "Operations": [{"op": "remove"}]})"}) {
    const auto read = parse_patch(json(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().type, ErrorType::kInvalidSyntax);
  }
  std::string many;
  for (int i = 0; i < 1001; ++i) {
    many += std::string(i == 0 ? "[" : ",") + R"({"op": "remove", "path": "tags"})";
  }
  expect_refused(many + "]", ErrorType::kTooMany, "at most 1000 operations");
}

}  // namespace
}  // namespace wardlock::scim
