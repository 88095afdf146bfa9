#include "api/admin/openapi.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "api/admin/admin_for_test.h"
#include "api/admin/operations.h"

namespace wardlock::admin {
namespace {

using codec::Json;

/// Every reference in it.
void gather(const Json& json, std::set<std::string>& references) {
  if (json.is_array()) {
    for (const Json& item : json.get_array()) gather(item, references);
  } else if (json.is_object()) {
    for (const auto& member : json.get_object()) {
      if (member.key() == "$ref") references.insert(std::string(member.value().as_string()));
      gather(member.value(), references);
    }
  }
}

const Json* resolve(const Json& document, std::string_view reference) {
  const Json* here = &document;
  reference.remove_prefix(2);
  while (here != nullptr && !reference.empty()) {
    const std::size_t end = std::min(reference.find('/'), reference.size());
    here = here->is_object() ? here->get_object().if_contains(reference.substr(0, end)) : nullptr;
    reference.remove_prefix(std::min(end + 1, reference.size()));
  }
  return here;
}

TEST(OpenApi, NamesNothingThatItDoesNotHave) {
  const Json document = openapi();
  std::set<std::string> references;
  gather(document, references);
  EXPECT_GT(references.size(), 50U);
  for (const std::string& reference : references) {
    EXPECT_NE(resolve(document, reference), nullptr) << reference;
  }
  for (const auto& schema : document.at("components").at("schemas").as_object()) {
    EXPECT_TRUE(
        references.contains(fmt::format("#/components/schemas/{}", std::string_view(schema.key()))))
        << schema.key() << " is used by nothing";
  }
}

TEST(OpenApi, EveryOperationIsThereUnderANameOfItsOwn) {
  const Json document = openapi();
  std::set<std::string> names;
  std::size_t count = 0;
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      ++count;
      names.insert(std::string(method.value().at("operationId").as_string()));
      const auto& answers = method.value().at("responses").as_object();
      EXPECT_TRUE(answers.contains("403") && answers.contains("404")) << path.key();
    }
  }
  EXPECT_EQ(names.size(), count);
  std::size_t expected = 0;
  for (const Operation& operation : all_operations()) {
    if (operation.kinds.is_empty()) ++expected;
    for (const auto* schema : directory::all_schemas()) {
      if (operation.kinds.contains(schema->kind)) ++expected;
    }
  }
  EXPECT_EQ(count, expected);
}

TEST(OpenApi, EveryAttributeOfTheTableIsThere) {
  const Json document = openapi();
  for (const auto* schema : directory::all_schemas()) {
    std::string name(schema->name);
    name.front() = static_cast<char>(std::toupper(name.front()));
    const Json& described = document.at("components").at("schemas").at(name + "Attributes");
    EXPECT_EQ(described.at("properties").as_object().size(), schema->attributes.size());
    for (const directory::Attribute& attribute : schema->attributes) {
      const Json& one = described.at("properties").at(attribute.name);
      EXPECT_EQ(one.at("type") == Json("array"), attribute.is_list) << attribute.name;
    }
  }
}

TEST(OpenApi, NothingSensitiveIsHiddenInAnother) {
  for (const auto* schema : directory::all_schemas()) {
    for (const directory::Attribute& attribute : schema->attributes) {
      for (const directory::Attribute& part : attribute.parts) {
        EXPECT_FALSE(part.is_sensitive) << "answers leave out whole attributes: " << part.name;
      }
    }
  }
}

TEST(OpenApi, IsJoinedWithAnother) {
  const Json whole = directory::json(
      joined_with_openapi(R"({"openapi":"3.1.0","tags":[{"name":"a"}],"paths":{"/x":{}},)"
                          R"("components":{"schemas":{"A":{}},"securitySchemes":{"bearer":{}}}})"));
  EXPECT_TRUE(whole.at("paths").as_object().contains("/x"));
  EXPECT_TRUE(whole.at("paths").as_object().contains("/admin/v1/devices/{id}"));
  EXPECT_TRUE(whole.at("components").at("schemas").as_object().contains("A"));
  EXPECT_TRUE(whole.at("components").at("schemas").as_object().contains("Device"));
  EXPECT_TRUE(whole.at("components").as_object().contains("securitySchemes"));
}

class DescriptionTest : public AdminForTest {};
WARDLOCK_ON_EACH_DATABASE(DescriptionTest);

TEST_P(DescriptionTest, IsServed) {
  EXPECT_EQ(get("openapi.json").body, openapi());
  EXPECT_EQ(get("openapi.jsn").status, 404);
}

}  // namespace
}  // namespace wardlock::admin
