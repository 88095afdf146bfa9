#include <gtest/gtest.h>

#include <string>

#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

Result<Schema> read(std::string_view text) { return schema_from_json(*codec::parse_json(text)); }

/// A schema whose entity type `A` has the attribute `x` of this type.
std::string with_attribute(std::string_view type) {
  return R"({"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"x":)" +
         std::string(type) + R"(}}}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})";
}
std::string with_entity(std::string_view entity) {
  return R"({"":{"entityTypes":{"A":)" + std::string(entity) +
         R"(,"B":{}},"actions":{},"commonTypes":{"R":{"type":"Record","attributes":{}},"L":{"type":"Long"}}}})";
}
std::string with_action(std::string_view action) {
  return R"({"":{"entityTypes":{"A":{}},"actions":{"a":)" + std::string(action) +
         R"(,"b":{}}},"N":{"entityTypes":{},"actions":{"z":{}}}})";
}

TEST(SchemaJson, AcceptsTypes) {
  for (const char* type :
       {R"({"type":"Long"})", R"({"type":"Boolean"})", R"({"type":"Bool"})", R"({"type":"ipaddr"})",
        R"({"type":"__cedar::ipaddr"})", R"({"type":"T","required":false})",
        R"({"type":"Entity","name":"A"})", R"({"type":"EntityOrCommon","name":"A"})",
        R"({"type":"EntityOrCommon","name":"__cedar::Long"})",
        R"({"type":"Extension","name":"decimal"})", R"({"type":"Set","element":{"type":"T"}})",
        R"({"type":"Record","attributes":{},"additionalAttributes":false})",
        R"({"type":"Long","annotations":{"a":"b","in":null}})"}) {
    const auto schema = read(with_attribute(type));
    EXPECT_TRUE(schema) << type << ": " << schema.error().message;
  }
}

TEST(SchemaJson, RefusesTypes) {
  for (const char* type : {"{}",
                           R"("Long")",
                           R"({"type":5})",
                           R"({"type":"long"})",
                           R"({"type":""})",
                           R"({"type":"A B"})",
                           R"({"type":" Long"})",
                           R"({"type":"if"})",
                           R"({"type":"A"})",
                           R"({"type":"Unknown"})",
                           R"({"type":"__cedar"})",
                           R"({"type":"Entity"})",
                           R"({"type":"Entity","name":"T"})",
                           R"({"type":"Entity","name":"Long"})",
                           R"({"type":"Entity","name":"A::"})",
                           R"({"type":"Entity","name":"Action"})",
                           R"({"type":"EntityOrCommon"})",
                           R"({"type":"Extension","name":"ip"})",
                           R"({"type":"Extension","name":"Long"})",
                           R"({"type":"Extension","name":"__cedar::decimal"})",
                           R"({"type":"Set"})",
                           R"({"type":"Set","element":"Long"})",
                           R"({"type":"Set","element":{"type":"Long","required":true}})",
                           R"({"type":"Record"})",
                           R"({"type":"Record","attributes":[]})",
                           R"({"type":"Record","attributes":{},"additionalAttributes":true})",
                           R"({"type":"Record","attributes":{},"additionalAttributes":null})",
                           R"({"type":"Long","required":null})",
                           R"({"type":"Long","required":"x"})",
                           R"({"type":"Long","name":"x"})",
                           R"({"type":"Long","foo":1})",
                           R"({"type":"T","element":{"type":"Long"}})",
                           R"({"type":"Long","annotations":{"a b":"x"}})",
                           R"({"type":"Long","annotations":{"a":1}})"}) {
    EXPECT_FALSE(read(with_attribute(type))) << type;
  }
}

TEST(SchemaJson, AcceptsEntities) {
  for (const char* entity :
       {"{}", R"({"memberOfTypes":["B","B","A"]})", R"({"shape":{"type":"R"}})",
        R"({"tags":{"type":"Entity","name":"A"}})", R"({"enum":["a"],"annotations":{"x":"y"}})"}) {
    EXPECT_TRUE(read(with_entity(entity))) << entity;
  }
}

TEST(SchemaJson, RefusesEntities) {
  for (const char* entity : {"null",
                             R"({"foo":1})",
                             R"({"memberOfTypes":["C"]})",
                             R"({"memberOfTypes":"B"})",
                             R"({"memberOfTypes":null})",
                             R"({"memberOfTypes":["R"]})",
                             R"({"memberOfTypes":["Action"]})",
                             R"({"shape":{"type":"Record"}})",
                             R"({"shape":{"type":"Long"}})",
                             R"({"shape":{"type":"L"}})",
                             R"({"shape":null})",
                             R"({"shape":{"type":"Entity","name":"B"}})",
                             R"({"tags":null})",
                             R"({"tags":{"type":"A"}})",
                             R"({"enum":[]})",
                             R"({"enum":"a"})",
                             R"({"enum":[1]})",
                             R"({"enum":["a"],"memberOfTypes":[]})",
                             R"({"enum":["a"],"shape":{"type":"R"}})",
                             R"({"enum":["a"],"tags":{"type":"Long"}})",
                             R"({"annotations":{"x-y":""}})",
                             R"({"annotations":{"":""}})"}) {
    EXPECT_FALSE(read(with_entity(entity))) << entity;
  }
}

TEST(SchemaJson, AcceptsActions) {
  for (
      const char* action :
      {"{}", R"({"appliesTo":null,"memberOf":null,"attributes":null})",
       R"({"appliesTo":{"principalTypes":[],"resourceTypes":[]}})",
       R"({"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],"context":{"type":"Record","attributes":{}}}})",
       R"({"memberOf":[{"id":"b"},{"id":"b","type":"Action"},{"id":"z","type":"N::Action"}]})"}) {
    EXPECT_TRUE(read(with_action(action))) << action;
  }
}

TEST(SchemaJson, RefusesActions) {
  for (const char* action :
       {"null", R"({"foo":1})", R"({"attributes":{}})", R"({"appliesTo":{}})",
        R"({"appliesTo":{"principalTypes":["A"]}})",
        R"({"appliesTo":{"principalTypes":"A","resourceTypes":["A"]}})",
        R"({"appliesTo":{"principalTypes":["Z"],"resourceTypes":["A"]}})",
        R"({"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],"foo":1}})",
        R"({"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],"context":null}})",
        R"({"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],"context":{"type":"Long"}}})",
        R"({"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],"context":{"type":"A"}}})",
        R"({"memberOf":["b"]})", R"({"memberOf":[{"id":"a"}]})", R"({"memberOf":[{"id":"q"}]})",
        R"({"memberOf":[{"id":"b","foo":1}]})", R"({"memberOf":[{"id":"b","type":"A"}]})",
        R"({"memberOf":[{"id":"b","type":"N::Action"}]})"}) {
    EXPECT_FALSE(read(with_action(action))) << action;
  }
}

TEST(SchemaJson, RefusesBadDocuments) {
  for (
      const char* text :
      {"[]", "null", R"({"":{}})", R"({"":{"entityTypes":{}}})",
       R"({"entityTypes":{},"actions":{}})", R"({"":{"entityTypes":{},"actions":{},"foo":{}}})",
       R"({"":{"entityTypes":{},"actions":{},"annotations":{"a":"b"}}})",
       R"({"":{"entityTypes":null,"actions":{}}})",
       R"({"":{"entityTypes":{},"actions":{},"commonTypes":null}})",
       R"({" ":{"entityTypes":{},"actions":{}}})", R"({"N::":{"entityTypes":{},"actions":{}}})",
       R"({"if":{"entityTypes":{},"actions":{}}})",
       R"({"__cedar":{"entityTypes":{},"actions":{}}})",
       R"({"":{"entityTypes":{"A::B":{}},"actions":{}}})",
       R"({"":{"entityTypes":{"":{}},"actions":{}}})",
       R"({"":{"entityTypes":{"Action":{}},"actions":{}}})",
       R"({"":{"entityTypes":{},"actions":{},"commonTypes":{"Set":{"type":"Long"}}}})",
       R"({"":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"Long","required":true}}}})"}) {
    EXPECT_FALSE(read(text)) << text;
  }
  EXPECT_TRUE(read("{}"));
}

TEST(SchemaJson, NamesThePlace) {
  const auto schema =
      read(with_entity(R"({"shape":{"type":"Record","attributes":{"x":{"type":1}}}})"));
  ASSERT_FALSE(schema);
  EXPECT_NE(schema.error().message.find("entityTypes.A.shape.x"), std::string::npos)
      << schema.error().message;
}

TEST(SchemaJson, LimitsNesting) {
  std::string type = R"({"type":"Long"})";
  for (int i = 0; i < 300; ++i) type = R"({"type":"Set","element":)" + type + "}";
  EXPECT_FALSE(read(with_attribute(type)));
}

}  // namespace
}  // namespace wardlock::cedar
