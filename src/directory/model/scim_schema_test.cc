#include "directory/model/scim_schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "directory/model/reference.h"

namespace wardlock::directory {
namespace {

const boost::json::object* find(const codec::Json& list, std::string_view key,
                                std::string_view value) {
  for (const auto& item : list.as_array()) {
    if (item.at(key) == codec::Json(value)) return &item.as_object();
  }
  return nullptr;
}

const boost::json::object* find_attribute_of(std::string_view schema, std::string_view name) {
  static const codec::Json schemas = scim_schemas();
  const auto* found = find(schemas, "id", schema);
  return found == nullptr ? nullptr : find(found->at("attributes"), "name", name);
}

constexpr std::string_view kUser = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr std::string_view kGroup = "urn:ietf:params:scim:schemas:core:2.0:Group";
constexpr std::string_view kOwnUser = "urn:wardlock:scim:schemas:extension:1.0:User";

/// What RFC 7643 §8.7.1 says of them.
TEST(ScimSchema, CoreAttributesAreThoseOfTheRfc) {
  const auto* user_name = find_attribute_of(kUser, "userName");
  ASSERT_NE(user_name, nullptr);
  EXPECT_EQ(user_name->at("required"), true);
  EXPECT_EQ(user_name->at("uniqueness"), "server");
  EXPECT_EQ(user_name->at("caseExact"), false);
  EXPECT_EQ(user_name->at("multiValued"), false);
  const auto* active = find_attribute_of(kUser, "active");
  ASSERT_NE(active, nullptr);
  EXPECT_EQ(active->at("type"), "boolean");
  EXPECT_EQ(active->at("mutability"), "readWrite");
  const auto* emails = find_attribute_of(kUser, "emails");
  ASSERT_NE(emails, nullptr);
  EXPECT_EQ(emails->at("multiValued"), true);
  EXPECT_EQ(find(emails->at("subAttributes"), "name", "type")->at("canonicalValues"),
            *codec::parse_json(R"(["work","home","other"])"));
  const auto* groups = find_attribute_of(kUser, "groups");
  ASSERT_NE(groups, nullptr);
  EXPECT_EQ(groups->at("mutability"), "readOnly");
  const auto* members = find_attribute_of(kGroup, "members");
  ASSERT_NE(members, nullptr);
  EXPECT_EQ(members->at("mutability"), "readWrite");
  const auto* reference = find(members->at("subAttributes"), "name", "$ref");
  ASSERT_NE(reference, nullptr);
  EXPECT_EQ(reference->at("referenceTypes"),
            *codec::parse_json(R"(["User","Device","Service","Agent","Group"])"));
  ASSERT_NE(find_attribute_of(kScimEnterpriseSchema, "manager"), nullptr);
}

TEST(ScimSchema, OwnAttributesAreInOurExtension) {
  EXPECT_NE(find_attribute_of(kOwnUser, "npi"), nullptr);
  EXPECT_NE(find_attribute_of(kOwnUser, "state"), nullptr);
  EXPECT_EQ(find_attribute_of(kUser, "npi"), nullptr);
  EXPECT_EQ(find_attribute_of(kUser, "state"), nullptr);
  EXPECT_EQ(find_attribute_of(kUser, "externalId"), nullptr) << "RFC 7643 §3.1: in no schema";
  const auto* confidential =
      find_attribute_of("urn:wardlock:scim:schemas:core:1.0:Patient", "isConfidential");
  ASSERT_NE(confidential, nullptr);
  EXPECT_EQ(confidential->at("returned"), "request");
  const auto* serial =
      find_attribute_of("urn:wardlock:scim:schemas:core:1.0:Device", "serialNumber");
  ASSERT_NE(serial, nullptr);
  EXPECT_EQ(serial->at("mutability"), "immutable");
}

TEST(ScimSchema, ResourceTypesNameTheirSchemas) {
  std::set<std::string> ids;
  const codec::Json schemas = scim_schemas();
  for (const auto& schema : schemas.as_array()) {
    EXPECT_TRUE(ids.insert(std::string(schema.at("id").as_string())).second) << schema;
  }
  const codec::Json types = scim_resource_types();
  EXPECT_EQ(types.as_array().size(), kKinds);
  for (const auto& type : types.as_array()) {
    EXPECT_TRUE(ids.contains(std::string(type.at("schema").as_string()))) << type;
    for (const auto& extension : type.at("schemaExtensions").as_array()) {
      EXPECT_TRUE(ids.contains(std::string(extension.at("schema").as_string()))) << type;
    }
  }
  const auto* user = find(types, "id", "User");
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->at("endpoint"), "/Users");
  EXPECT_EQ(user->at("schemaExtensions").as_array().size(), 2U);
  EXPECT_EQ(find(types, "id", "Device")->at("schemaExtensions").as_array().size(), 0U);
}

TEST(ScimSchema, PathsBeginWithTheirSchema) {
  const Schema& person = schema_of(Kind::kPerson);
  const auto path = [&](std::string_view name) {
    return scim_path(person, *find_attribute(person.attributes, name));
  };
  EXPECT_EQ(path("userName"), "userName");
  EXPECT_EQ(path("employeeNumber"), std::string(kScimEnterpriseSchema) + ":employeeNumber");
  EXPECT_EQ(path("npi"), std::string(kOwnUser) + ":npi");
}

TEST(Reference, TheDocumentIsUpToDate) {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/formats/directory.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("\n" + directory_reference()), std::string::npos) << "run ./dev docs";
}

}  // namespace
}  // namespace wardlock::directory
