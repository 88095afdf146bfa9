#include "cedar/entities/entities_json.h"

#include <gtest/gtest.h>

#include <string>

#include "cedar/entities/conformance.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kSchema = R"(
  entity G;
  entity E enum ["on", "off"];
  entity B in [G];
  entity A in [B, E] {
    s?: String, l?: Long, ip?: ipaddr, e?: B, en?: E, es?: Set<B>,
    r?: { i: ipaddr, o?: Long }, ac?: Action
  } tags ipaddr;
  entity R { must: Long };
  action root;
  action mid in root;
  action leaf in mid appliesTo {
    principal: [A, E], resource: R,
    context: { n: Long, ip?: ipaddr, en?: E, who?: B, r?: { a: Long }, s?: Set<Long> }
  };
)";

class EntitiesJson : public testing::Test {
 protected:
  Result<EntityStore> read(std::string_view json, bool with_schema = false) {
    return entities_from_json(*codec::parse_json(json), with_schema ? &schema_ : nullptr);
  }
  /// An entity `A::"a"` with these attributes.
  Result<EntityStore> with_attributes(std::string_view attributes) {
    return read(
        R"([{"uid":{"type":"A","id":"a"},"parents":[],"attrs":)" + std::string(attributes) + "}]",
        true);
  }
  Result<EntityStore> with_parent(std::string_view type, std::string_view id) {
    return read(R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[{"type":")" +
                    std::string(type) + R"(","id":")" + std::string(id) + R"("}]}])",
                true);
  }
  const EntityUid& uid(std::string_view type, std::string_view id) {
    return *make_uid(arena_, type, id);
  }
  /// Why the request is refused; "" if it is not.
  std::string refusal(const EntityUid& principal, const EntityUid& action,
                      const EntityUid& resource, std::string_view context) {
    const auto value = context_from_json(arena_, *codec::parse_json(context), &schema_, &action);
    if (!value) return value.error().message;
    const auto valid = validate_request(schema_, principal, action, resource, *value);
    return valid ? "" : valid.error().message;
  }

  Arena arena_;
  Schema schema_ = *parse_schema(kSchema);
};

TEST_F(EntitiesJson, ReadsEntities) {
  const auto store = read(R"([
    {"uid": {"type": "N::A", "id": ""}, "attrs": {"x": [1, {"__entity": {"type": "B", "id": "b"}}]},
     "parents": [{"__entity": {"type": "B", "id": "b"}}, {"type": "B", "id": "b"}],
     "tags": {"t": true}, "comment": 1},
    {"uid": {"__entity": {"type": "B", "id": "b"}}, "attrs": {}, "parents": []}])");
  ASSERT_TRUE(store) << store.error().message;
  const Entity* a = store->find(uid("N::A", ""));
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(to_text(*find_field(a->attributes(), "x")), R"([1, B::"b"])");
  EXPECT_EQ(to_text(*find_field(a->tags(), "t")), "true");
  EXPECT_EQ(a->parents().size(), 1U);
  EXPECT_EQ(a->parents()[0], store->find(uid("B", "b"))->uid());
}

TEST_F(EntitiesJson, RefusesWhatIsMalformed) {
  for (const char* json :
       {"{}",
        "null",
        "[null]",
        "[1]",
        "[{}]",
        R"([{"uid":{"type":"A","id":"a"}}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{}}])",
        R"([{"uid":{"type":"A","id":"a"},"parents":[]}])",
        R"([{"uid":"A::\"a\"","attrs":{},"parents":[]}])",
        R"([{"uid":{"type":"A"},"attrs":{},"parents":[]}])",
        R"([{"uid":{"type":"in","id":"a"},"attrs":{},"parents":[]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":[],"parents":[]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":null,"parents":[]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":null}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":["B"]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":null}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":{"x":null}}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{"x":null},"parents":[]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{"x":1.5},"parents":[]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[{"type":"A","id":"a"}]}])",
        R"([{"uid":{"type":"Action","id":"a"},"attrs":{},"parents":[{"type":"A","id":"a"}]}])",
        R"([{"uid":{"type":"A","id":"a"},"attrs":{"x":1},"parents":[]},
            {"uid":{"type":"A","id":"a"},"attrs":{"x":2},"parents":[]}])"}) {
    EXPECT_FALSE(read(json)) << json;
  }
  EXPECT_TRUE(read(R"([{"uid":{"type":"A","id":"a"},"attrs":{"x":[1,2]},"parents":[]},
                       {"uid":{"type":"A","id":"a"},"attrs":{"x":[2,1,1]},"parents":[]}])"));
}

TEST_F(EntitiesJson, NamesThePath) {
  const auto store = with_attributes(R"({"r":{"i":"x"}})");
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().message.starts_with(R"(A::"a".r.i: )")) << store.error().message;
}

TEST_F(EntitiesJson, ReadsAttributesByTheirTypes) {
  for (const char* attributes :
       {"{}", R"({"s":"1.1.1.1","ip":"1.1.1.1","l":5})", R"({"e":{"type":"B","id":"b"}})",
        R"({"es":[{"type":"B","id":"b"}]})", R"({"es":[]})", R"({"r":{"i":"::1","o":1}})",
        R"({"en":{"type":"E","id":"on"}})", R"({"ac":{"type":"Action","id":"leaf"}})"}) {
    const auto store = with_attributes(attributes);
    EXPECT_TRUE(store) << store.error().message;
  }
  EXPECT_TRUE(
      find_field(with_attributes(R"({"ip":"::1"})")->find(uid("A", "a"))->attributes(), "ip")
          ->is(Kind::kIp));
}

TEST_F(EntitiesJson, RefusesAttributesOfOtherTypes) {
  for (const char* attributes : {R"({"s":1})",
                                 R"({"l":"x"})",
                                 R"({"l":true})",
                                 R"({"s":{"__entity":{"type":"B","id":"b"}}})",
                                 R"({"l":{"__extn":{"fn":"ip","arg":"::1"}}})",
                                 R"({"ip":"x"})",
                                 R"({"ip":1})",
                                 R"({"ip":{"__extn":{"fn":"decimal","arg":"1.0"}}})",
                                 R"({"e":{"type":"A","id":"b"}})",
                                 R"({"e":{"type":"Zzz","id":"b"}})",
                                 R"({"e":"b"})",
                                 R"({"en":{"type":"E","id":"zzz"}})",
                                 R"({"ac":{"type":"Action","id":"zzz"}})",
                                 R"({"es":[{"type":"A","id":"1"}]})",
                                 R"({"es":{}})",
                                 R"({"r":{}})",
                                 R"({"r":{"i":"::1","z":1}})",
                                 R"({"r":{"i":"::1","o":"x"}})",
                                 R"({"r":[]})",
                                 R"({"zz":1})",
                                 R"({"s":null})"}) {
    EXPECT_FALSE(with_attributes(attributes)) << attributes;
  }
}

TEST_F(EntitiesJson, ChecksEntitiesAgainstTheSchema) {
  for (const char* entity :
       {R"({"uid":{"type":"R","id":"r"},"attrs":{},"parents":[]})",
        R"({"uid":{"type":"R","id":"r"},"attrs":{"must":"x"},"parents":[]})",
        R"({"uid":{"type":"Q","id":"q"},"attrs":{},"parents":[]})",
        R"({"uid":{"type":"E","id":"zzz"},"attrs":{},"parents":[]})",
        R"({"uid":{"type":"E","id":"on"},"attrs":{"x":1},"parents":[]})",
        R"({"uid":{"type":"E","id":"on"},"attrs":{},"parents":[],"tags":{"x":1}})",
        R"({"uid":{"type":"E","id":"on"},"attrs":{},"parents":[{"type":"G","id":"g"}]})",
        R"({"uid":{"type":"B","id":"b"},"attrs":{},"parents":[],"tags":{"x":1}})",
        R"({"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":{"x":1}})",
        R"({"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":{"x":"q"}})"}) {
    EXPECT_FALSE(read("[" + std::string(entity) + "]", true)) << entity;
  }
  for (const char* entity :
       {R"({"uid":{"type":"R","id":"r"},"attrs":{"must":1},"parents":[]})",
        R"({"uid":{"type":"E","id":"on"},"attrs":{},"parents":[],"tags":{}})",
        R"({"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":{"x":"::1"}})"}) {
    EXPECT_TRUE(read("[" + std::string(entity) + "]", true)) << entity;
  }
}

TEST_F(EntitiesJson, ChecksParents) {
  EXPECT_TRUE(with_parent("B", "b"));
  EXPECT_TRUE(with_parent("G", "g"));  // reached through B
  EXPECT_TRUE(with_parent("E", "on"));
  EXPECT_FALSE(with_parent("E", "zz"));
  EXPECT_FALSE(with_parent("A", "b"));
  EXPECT_FALSE(with_parent("Q", "b"));
  EXPECT_FALSE(with_parent("Action", "root"));
}

TEST_F(EntitiesJson, AddsTheActionsOfTheSchema) {
  const auto store = read("[]", true);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->size(), 3U);
  const Entity* leaf = store->find(uid("Action", "leaf"));
  ASSERT_NE(leaf, nullptr);
  EXPECT_TRUE(store->has_ancestor(*leaf, uid("Action", "root")));
  EXPECT_FALSE(store->has_ancestor(*store->find(uid("Action", "root")), uid("Action", "mid")));
}

TEST_F(EntitiesJson, ActionsInTheDataMustAgreeWithTheSchema) {
  const auto action = [](std::string_view id, std::string_view parents,
                         std::string_view attributes) {
    std::string json = R"({"uid":{"type":"Action","id":")" + std::string(id) + R"("},"attrs":)" +
                       std::string(attributes) + R"(,"parents":[)";
    for (const char c : parents) {
      if (json.back() == '}') json += ',';
      json += R"({"type":"Action","id":")" + std::string(c == 'r' ? "root" : "mid") + R"("})";
    }
    return json + "]}";
  };
  EXPECT_TRUE(read("[" + action("root", "", "{}") + "]", true));
  EXPECT_TRUE(read("[" + action("leaf", "mr", "{}") + "]", true));
  EXPECT_TRUE(read("[" + action("leaf", "m", "{}") + "," + action("mid", "r", "{}") + "]", true));
  EXPECT_FALSE(read("[" + action("leaf", "m", "{}") + "]", true));
  EXPECT_FALSE(read("[" + action("mid", "", "{}") + "]", true));
  EXPECT_FALSE(read("[" + action("root", "m", "{}") + "]", true));
  EXPECT_FALSE(read("[" + action("zzz", "", "{}") + "]", true));
  EXPECT_FALSE(read("[" + action("root", "", R"({"x":1})") + "]", true));
  EXPECT_FALSE(read("[" + action("mid", "r", "{}") + "," + action("root", "m", "{}") + "]", true));
  EXPECT_TRUE(read("[" + action("root", "m", R"({"x":1})") + "]", false));
}

TEST_F(EntitiesJson, ReadsContextsByTheAction) {
  const EntityUid& leaf = uid("Action", "leaf");
  const auto context = [&](std::string_view json, const Schema* schema, const EntityUid* action) {
    return context_from_json(arena_, *codec::parse_json(json), schema, action);
  };
  const auto guided = context(R"({"n":1,"ip":"::1"})", &schema_, &leaf);
  ASSERT_TRUE(guided);
  EXPECT_TRUE(find_field(guided->as_record(), "ip")->is(Kind::kIp));
  EXPECT_TRUE(find_field(context(R"({"ip":"::1"})", &schema_, nullptr)->as_record(), "ip")
                  ->is(Kind::kString));
  EXPECT_TRUE(context(R"({"n":"not yet checked"})", &schema_, &leaf));
  EXPECT_FALSE(context("{}", &schema_, &leaf));
  EXPECT_FALSE(context(R"({"n":1,"z":1})", &schema_, &leaf));
  EXPECT_FALSE(context(R"({"n":1})", &schema_, &uid("Action", "zz")));
  for (const char* json : {"[]", "1", "null", R"({"__entity":{"type":"A","id":"a"}})",
                           R"({"__expr":"{}"})", R"({"x":null})"}) {
    EXPECT_FALSE(context(json, nullptr, nullptr)) << json;
  }
}

TEST_F(EntitiesJson, ValidatesRequests) {
  const EntityUid &a = uid("A", "a"), &r = uid("R", "r"), &leaf = uid("Action", "leaf");
  EXPECT_EQ(refusal(a, leaf, r, R"({"n":1})"), "");
  EXPECT_EQ(refusal(uid("E", "on"), leaf, r, R"({"n":1,"en":{"type":"E","id":"off"}})"), "");
  EXPECT_EQ(refusal(uid("Z", "z"), leaf, r, R"({"n":1})"),
            "the principal `Z::\"z\"`: the schema declares no such type");
  EXPECT_NE(refusal(a, leaf, uid("Z", "z"), R"({"n":1})"), "");
  EXPECT_NE(refusal(leaf, leaf, r, R"({"n":1})"), "");
  EXPECT_EQ(refusal(a, uid("Action", "zz"), r, "{}"),
            "the schema declares no action `Action::\"zz\"`");
  EXPECT_NE(refusal(a, uid("A", "leaf"), r, "{}"), "");
  EXPECT_EQ(refusal(uid("B", "b"), leaf, r, R"({"n":1})"),
            "`Action::\"leaf\"` does not apply to a principal of type `B`, only to `A`, `E`");
  EXPECT_NE(refusal(a, leaf, uid("B", "b"), R"({"n":1})"), "");
  EXPECT_NE(refusal(a, uid("Action", "root"), r, "{}"), "");
  EXPECT_EQ(refusal(uid("E", "zz"), leaf, r, R"({"n":1})"),
            "`E::\"zz\"` is not declared: the ids of `E` are `off`, `on`");
  EXPECT_EQ(refusal(a, leaf, r, R"({"n":"x"})"),
            "context.n: the schema says long; this is of type string");
  EXPECT_NE(refusal(a, leaf, r, R"({"n":1,"en":{"type":"E","id":"zz"}})"), "");
  EXPECT_NE(refusal(a, leaf, r, R"({"n":1,"who":{"type":"G","id":"g"}})"), "");
  EXPECT_NE(refusal(a, leaf, r, R"({"n":1,"r":{"a":"x"}})"), "");
  EXPECT_EQ(refusal(a, leaf, r, R"({"n":1,"s":[1,"x"]})"),
            "context.s[*]: the schema says long; this is of type string");
}

TEST_F(EntitiesJson, ChecksContextsThatWereMadeWithoutTheSchema) {
  const EntityUid &a = uid("A", "a"), &r = uid("R", "r"), &leaf = uid("Action", "leaf");
  const Field fields[] = {{"n", Value::integer(1)}, {"z", Value::integer(1)}};
  EXPECT_TRUE(validate_request(schema_, a, leaf, r, Value::record({fields, 1})));
  EXPECT_FALSE(validate_request(schema_, a, leaf, r, Value::record(fields)));
  EXPECT_FALSE(validate_request(schema_, a, leaf, r, Value::record({})));
  EXPECT_FALSE(validate_request(schema_, a, leaf, r, Value::integer(1)));
  // What is there and wrong is told before what is missing.
  const auto undeclared = validate_request(schema_, a, leaf, r, Value::record({fields + 1, 1}));
  EXPECT_EQ(undeclared.error().message, "context.z: the schema declares no such attribute");
}

}  // namespace
}  // namespace wardlock::cedar
