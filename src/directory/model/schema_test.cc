#include "directory/model/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "directory/model/relation.h"

namespace wardlock::directory {
namespace {

void check_attributes(std::span<const Attribute> attributes, const std::string& whose) {
  std::set<std::string_view> names;
  for (const Attribute& attribute : attributes) {
    const std::string name = whose + "." + std::string(attribute.name);
    EXPECT_TRUE(names.insert(attribute.name).second) << name << " is there twice";
    EXPECT_FALSE(attribute.about.empty() || attribute.about.ends_with('.')) << name;
    EXPECT_EQ(attribute.type == Type::kReference, !attribute.targets.is_empty()) << name;
    EXPECT_EQ(attribute.type == Type::kComplex, !attribute.parts.empty()) << name;
    EXPECT_TRUE(attribute.choices.is_empty() || attribute.type == Type::kText) << name;
    EXPECT_TRUE(!attribute.is_unique || attribute.type == Type::kIdentifier) << name;
    EXPECT_TRUE(attribute.type != Type::kReference || attribute.is_searchable)
        << name << ": so that it is found who names a thing";
    EXPECT_TRUE(!attribute.is_tree || attribute.type == Type::kReference) << name;
    EXPECT_FALSE(attribute.is_sensitive && attribute.is_searchable)
        << name << ": lists would tell by filter and order what may not be read";
    EXPECT_FALSE(attribute.is_sensitive && !attribute.parts.empty()) << name << ": nor by a part";
    EXPECT_TRUE(attribute.key.empty() || find_attribute(attribute.parts, attribute.key)) << name;
    for (const std::string_view part : attribute.one_of.all()) {
      EXPECT_TRUE(find_attribute(attribute.parts, part)) << name << " " << part;
    }
    if (!attribute.unique_within.empty()) {
      const Attribute* within = find_attribute(attributes, attribute.unique_within);
      ASSERT_NE(within, nullptr) << name;
      EXPECT_TRUE(within->type == Type::kReference && within->is_required && within->is_immutable)
          << name << ": what it is unique within must stay";
    }
    check_attributes(attribute.parts, name);
  }
}

TEST(Schema, TableHoldsTogether) {
  std::set<std::string_view> endpoints;
  for (const Schema* schema : all_schemas()) {
    EXPECT_EQ(&schema_of(schema->kind), schema);
    EXPECT_EQ(find_kind(schema->name), schema->kind);
    EXPECT_EQ(find_collection(schema->collection), schema);
    EXPECT_TRUE(endpoints.insert(schema->scim_endpoint).second) << schema->name;
    check_attributes(schema->attributes, std::string(schema->name));
    if (schema->cedar_id.empty()) continue;
    const Attribute* id = find_attribute(schema->attributes, schema->cedar_id);
    ASSERT_NE(id, nullptr) << schema->name;
    EXPECT_TRUE(id->is_unique && id->is_required && id->is_immutable) << schema->name;
  }
  EXPECT_EQ(find_collection("relations"), nullptr);
  for (const RelationSchema& relation : all_relations()) {
    EXPECT_EQ(find_relation(relation.name), relation.relation);
    EXPECT_FALSE(relation.subjects.is_empty() || relation.objects.is_empty()) << relation.name;
    check_attributes(relation.attributes, std::string(relation.name));
  }
}

TEST(Schema, OnlyOneLevelOfParts) {
  for (const Schema* schema : all_schemas()) {
    for (const Attribute& attribute : schema->attributes) {
      for (const Attribute& part : attribute.parts) {
        EXPECT_TRUE(part.type != Type::kComplex && !part.is_list) << part.name;
      }
    }
  }
}

TEST(Schema, EveryStateIsReachedAndNamed) {
  for (const Schema* schema : all_schemas()) {
    std::set<std::string_view> reached(schema->first.all().begin(), schema->first.all().end());
    for (const State& state : schema->states) {
      for (const std::string_view next : state.next.all()) {
        EXPECT_NE(find_state(*schema, next), nullptr) << schema->name << " " << next;
        EXPECT_NE(next, state.name);
        reached.insert(next);
      }
    }
    EXPECT_EQ(reached.size(), schema->states.size()) << schema->name;
    EXPECT_TRUE(std::ranges::any_of(schema->states, &State::is_in_force)) << schema->name;
    for (const State& state : schema->states) {
      EXPECT_FALSE(state.is_in_force && state.ends_relations) << schema->name << state.name;
    }
  }
}

TEST(Schema, LivesGoAsTheyShould) {
  const Schema& person = schema_of(Kind::kPerson);
  EXPECT_TRUE(find_state(person, "active")->next.contains("left"));
  EXPECT_FALSE(find_state(person, "left")->next.contains("active")) << "invited again, first";
  const Schema& device = schema_of(Kind::kDevice);
  EXPECT_TRUE(find_state(device, "retired")->next.is_empty());
  EXPECT_FALSE(find_state(device, "manufactured")->next.contains("inService"));
  EXPECT_TRUE(find_state(schema_of(Kind::kPatient), "merged")->next.is_empty());
}

TEST(Schema, NamesAreExact) {
  for (const std::string_view name : {"", "Person", "persons", "people", "device ", "model"}) {
    EXPECT_EQ(find_kind(name), std::nullopt) << name;
    EXPECT_EQ(find_relation(name), std::nullopt) << name;
  }
  EXPECT_EQ(find_state(schema_of(Kind::kPerson), "Active"), nullptr);
  EXPECT_EQ(find_state(schema_of(Kind::kPerson), "retired"), nullptr);
  EXPECT_EQ(find_attribute(schema_of(Kind::kPerson).attributes, "username"), nullptr);
}

}  // namespace
}  // namespace wardlock::directory
