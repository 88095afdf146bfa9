#include <gtest/gtest.h>

#include <string>

#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kAny = R"({"op":"All"})";

struct Parts {
  std::string_view effect = R"("permit")";
  std::string_view principal = kAny;
  std::string_view action = kAny;
  std::string_view resource = kAny;
  std::string_view conditions = "[]";
  std::string_view rest = "";
};

std::string policy(const Parts& parts) {
  std::string out = R"({"effect":)";
  out.append(parts.effect).append(R"(,"principal":)").append(parts.principal);
  out.append(R"(,"action":)").append(parts.action).append(R"(,"resource":)").append(parts.resource);
  out.append(R"(,"conditions":)").append(parts.conditions).append(parts.rest);
  return out + "}";
}

/// The policy as text, or the error.
std::string meaning(std::string_view text) {
  const Result<codec::Json> json = codec::parse_json(text, kPolicyJsonLimits);
  if (!json) return "not JSON: " + json.error().message;
  const auto policy = policy_from_json(*json, "p");
  if (!policy) return policy.error().message;
  EXPECT_EQ((*policy)->id, "p");
  return to_text(**policy).value();
}

std::string error_of_set(std::string_view text) {
  const Result<codec::Json> json = codec::parse_json(text, kPolicyJsonLimits);
  if (!json) return "not JSON: " + json.error().message;
  const auto policies = policy_set_from_json(*json);
  return policies ? "accepted" : policies.error().message;
}

TEST(ReadPolicy, Scope) {
  EXPECT_EQ(meaning(policy({})), "permit (principal, action, resource);");
  EXPECT_EQ(meaning(policy({.effect = R"("forbid")"})), "forbid (principal, action, resource);");
  EXPECT_EQ(meaning(policy({.principal = R"({"op":"==","entity":{"type":"U","id":"a"}})",
                            .resource = R"({"op":"in","entity":{"type":"A::B","id":"\""}})"})),
            R"(permit (principal == U::"a", action, resource in A::B::"\"");)");
  EXPECT_EQ(
      meaning(policy(
          {.principal = R"({"op":"is","entity_type":"U"})",
           .resource = R"({"op":"is","entity_type":"F","in":{"entity":{"type":"G","id":"g"}}})"})),
      R"(permit (principal is U, action, resource is F in G::"g");)");
}

TEST(ReadPolicy, SpellingsThatCedarAcceptsToo) {
  const std::string_view anyone[] = {R"({"op":"all"})", R"({"op":"All","entity":1,"x":null})"};
  for (const std::string_view scope : anyone) {
    EXPECT_EQ(meaning(policy({.principal = scope, .action = scope, .resource = scope})),
              "permit (principal, action, resource);");
  }
  const std::string_view alice[] = {
      R"({"op":"==","entity":{"__entity":{"type":"U","id":"a"}}})",
      R"({"op":"==","entity":{"__entity":{"type":"U","id":"a"},"x":1}})",
      R"({"op":"==","entity":{"type":"U","id":"a","x":1},"x":1})",
      R"({"op":"==","entity":{"type":"U","id":"a"},"slot":"?principal"})",
  };
  for (const std::string_view scope : alice) {
    EXPECT_EQ(meaning(policy({.principal = scope})),
              R"(permit (principal == U::"a", action, resource);)");
  }
  EXPECT_EQ(meaning(policy({.principal = R"({"op":"is","entity_type":"U","in":null})"})),
            "permit (principal is U, action, resource);");
}

TEST(ReadPolicy, Slots) {
  EXPECT_EQ(meaning(policy({.principal = R"({"op":"==","slot":"?principal"})",
                            .resource = R"({"op":"in","slot":"?resource"})"})),
            "permit (principal == ?principal, action, resource in ?resource);");
  EXPECT_EQ(
      meaning(policy({.principal = R"({"op":"is","entity_type":"U","in":{"slot":"?principal"}})"})),
      "permit (principal is U in ?principal, action, resource);");
}

TEST(ReadPolicy, Actions) {
  const struct {
    std::string_view action;
    std::string_view expected;
  } cases[] = {
      {R"({"op":"==","entity":{"type":"Action","id":"a"}})", R"(action == Action::"a")"},
      {R"({"op":"==","entity":{"type":"N::Action","id":"a"}})", R"(action == N::Action::"a")"},
      {R"({"op":"in","entity":{"type":"Action","id":"a"}})", R"(action in Action::"a")"},
      {R"({"op":"in","entities":[]})", "action in []"},
      {R"({"op":"in","entities":[{"type":"Action","id":"a"}]})", R"(action in [Action::"a"])"},
      {R"({"op":"in","entities":[{"type":"Action","id":"a"},{"__entity":{"type":"Action","id":"a"}}]})",
       R"(action in [Action::"a", Action::"a"])"},
      {R"({"op":"in","entity":{"type":"Action","id":"a"},"entities":3})",
       R"(action in Action::"a")"},
  };
  for (const auto& [action, expected] : cases) {
    EXPECT_EQ(meaning(policy({.action = action})),
              "permit (principal, " + std::string(expected) + ", resource);");
  }
}

TEST(ReadPolicy, ConditionsAndAnnotations) {
  EXPECT_EQ(meaning(policy({.conditions = R"([{"kind":"when","body":{"Value":true}},)"
                                          R"({"kind":"unless","body":{"Value":1}}])",
                            .rest = R"(,"annotations":{"id":"x\"y","if":"","__cedar":null})"})),
            "@id(\"x\\\"y\")\n@if(\"\")\n@__cedar\npermit (principal, action, resource)\n"
            "when { true }\nunless { 1 };");
}

struct Rejection {
  Parts parts;
  std::string_view error;
};

TEST(ReadPolicy, RefusesOtherScopes) {
  const Rejection rejections[] = {
      {{.principal = "null"}, "$.principal: expected an object, found null"},
      {{.principal = R"("All")"}, "$.principal: expected an object, found a string"},
      {{.principal = "{}"}, "$.principal: the key `op` is missing"},
      {{.principal = R"({"op":1})"}, "$.principal.op: expected a string"},
      {{.principal = R"({"op":"eq"})"}, "$.principal.op: unknown operator `eq`; expected `All`"},
      {{.principal = R"({"op":"!="})"}, "$.principal.op: unknown operator `!=`"},
      {{.principal = R"({"op":"=="})"}, "$.principal: expected the key `entity` or `slot`"},
      {{.principal = R"({"op":"==","entity":null})"}, "$.principal.entity: expected an entity"},
      {{.principal = R"({"op":"==","entity":"U::\"a\""})"},
       "$.principal.entity: expected an entity"},
      {{.principal = R"({"op":"==","entity":{"type":"U"}})"},
       "$.principal.entity: expected an ent"},
      {{.principal = R"({"op":"==","entity":{"type":"U","id":1}})"},
       "$.principal.entity: expected"},
      {{.principal = R"({"op":"==","entity":{"__extn":{"fn":"ip","arg":"a"}}})"},
       "$.principal.entity: expected an entity"},
      {{.principal = R"({"op":"==","entity":{"__expr":"U::\"a\""}})"},
       "$.principal.entity: expect"},
      {{.principal = R"({"op":"==","entity":{"type":"if","id":"a"}})"},
       "$.principal.entity: `if` is not the name of an entity type"},
      {{.principal = R"({"op":"==","entity":null,"slot":"?principal"})"},
       "$.principal.entity: expected an entity"},
      {{.principal = R"({"op":"in","entities":[{"type":"U","id":"a"}]})"},
       "$.principal: expected the key `entity` or `slot`"},
      {{.principal = R"({"op":"==","slot":"?resource"})"},
       "$.principal.slot: the slot `?resource` cannot stand here; expected `?principal`"},
      {{.resource = R"({"op":"in","slot":"?principal"})"},
       "$.resource.slot: the slot `?principal` cannot stand here; expected `?resource`"},
      {{.principal = R"({"op":"==","slot":"principal"})"},
       "$.principal.slot: the slot `principal`"},
      {{.principal = R"({"op":"==","slot":null})"}, "$.principal.slot: expected a string"},
      {{.principal = R"({"op":"is"})"}, "$.principal: the key `entity_type` is missing"},
      {{.principal = R"({"op":"is","entity_type":"A B"})"},
       "$.principal.entity_type: `A B` is not"},
      {{.principal = R"({"op":"is","entity_type":"U","entity":{"type":"U","id":"a"}})"},
       "$.principal: unknown key `entity`"},
      {{.principal = R"({"op":"is","entity_type":"U","in":{}})"},
       "$.principal.in: expected the key `entity` or `slot`"},
      {{.principal = R"({"op":"is","entity_type":"U","in":{"slot":"?resource"}})"},
       "$.principal.in.slot: the slot `?resource` cannot stand here"},
  };
  for (const Rejection& r : rejections) {
    const std::string message = meaning(policy(r.parts));
    EXPECT_TRUE(message.starts_with(r.error)) << policy(r.parts) << "\n" << message;
  }
}

TEST(ReadPolicy, RefusesOtherActions) {
  const Rejection rejections[] = {
      {{.action = R"({"op":"is","entity_type":"Action"})"}, "$.action.op: unknown operator `is`"},
      {{.action = R"({"op":"=="})"}, "$.action: expected the key `entity`; actions have no slots"},
      {{.action = R"({"op":"==","slot":"?action"})"}, "$.action: expected the key `entity`"},
      {{.action = R"({"op":"==","slot":"?principal"})"}, "$.action: expected the key `entity`"},
      {{.action = R"({"op":"==","entities":[]})"}, "$.action: expected the key `entity`"},
      {{.action = R"({"op":"in"})"}, "$.action: the key `entities` is missing"},
      {{.action = R"({"op":"in","slot":"?principal"})"}, "$.action: the key `entities` is missing"},
      {{.action = R"({"op":"in","entities":{"type":"Action","id":"a"}})"},
       "$.action.entities: expected an array"},
      {{.action = R"({"op":"in","entities":[1]})"}, "$.action.entities[0]: expected an entity"},
      {{.action = R"({"op":"==","entity":{"type":"U","id":"a"}})"},
       "$.action.entity: `U::\"a\"` is not an action; its type must end in `Action`"},
      {{.action = R"({"op":"==","entity":{"type":"Action::N","id":"a"}})"},
       "$.action.entity: `Action::N::\"a\"` is not an action"},
      {{.action = R"({"op":"==","entity":{"type":"MyAction","id":"a"}})"},
       "$.action.entity: `MyAction::\"a\"` is not an action"},
      {{.action = R"({"op":"in","entities":[{"type":"Action","id":"a"},{"type":"U","id":"a"}]})"},
       "$.action.entities[1]: `U::\"a\"` is not an action"},
  };
  for (const Rejection& r : rejections) {
    const std::string message = meaning(policy(r.parts));
    EXPECT_TRUE(message.starts_with(r.error)) << policy(r.parts) << "\n" << message;
  }
}

TEST(ReadPolicy, RefusesOtherPolicies) {
  const Rejection rejections[] = {
      {{.effect = R"("Permit")"},
       "$.effect: unknown effect `Permit`; expected `permit` or `forbid`"},
      {{.effect = "1"}, "$.effect: expected a string"},
      {{.conditions = "{}"}, "$.conditions: expected an array"},
      {{.conditions = "null"}, "$.conditions: expected an array"},
      {{.conditions = "[null]"}, "$.conditions[0]: expected an object"},
      {{.conditions = R"([{"kind":"when"}])"}, "$.conditions[0]: the key `body` is missing"},
      {{.conditions = R"([{"body":{"Value":true}}])"},
       "$.conditions[0]: the key `kind` is missing"},
      {{.conditions = R"([{"kind":"where","body":{"Value":true}}])"},
       "$.conditions[0].kind: unknown condition `where`; expected `when` or `unless`"},
      {{.conditions = R"([{"kind":"when","body":{"Value":true},"x":1}])"},
       "$.conditions[0]: unknown key `x`"},
      {{.conditions = R"([{"kind":"when","body":true}])"},
       "$.conditions[0].body: expected an expr"},
      {{.rest = R"(,"x":1)"}, "$: unknown key `x`; expected `effect`, `principal`, `action`, "},
      {{.rest = R"(,"id":"a")"}, "$: unknown key `id`"},
      {{.rest = R"(,"annotations":null)"}, "$.annotations: expected an object"},
      {{.rest = R"(,"annotations":[])"}, "$.annotations: expected an object"},
      {{.rest = R"(,"annotations":{"a":1})"}, "$.annotations.a: expected a string, found a number"},
      {{.rest = R"(,"annotations":{"":"x"})"}, "$.annotations: `` is not an annotation key"},
      {{.rest = R"(,"annotations":{"a b":"x"})"}, "$.annotations: `a b` is not an annotation key"},
      {{.rest = R"(,"annotations":{"1a":"x"})"}, "$.annotations: `1a` is not an annotation key"},
      {{.rest = R"(,"annotations":{"a::b":"x"})"},
       "$.annotations: `a::b` is not an annotation key"},
      {{.rest = R"(,"annotations":{"é":"x"})"}, "$.annotations: `é` is not an annotation key"},
      {{.rest = R"(,"annotations":{"a":"x","a":"y"})"},
       "not JSON: not valid JSON: the key `a` occurs twice"},
      {{.rest = R"(,"effect":"permit")"},
       "not JSON: not valid JSON: the key `effect` occurs twice"},
  };
  for (const Rejection& r : rejections) {
    const std::string message = meaning(policy(r.parts));
    EXPECT_TRUE(message.starts_with(r.error)) << policy(r.parts) << "\n" << message;
  }
}

TEST(ReadPolicy, RefusesWhatLacksAPart) {
  EXPECT_EQ(meaning("[]"), "$: expected an object, found an array");
  EXPECT_EQ(meaning("{}"), "$: the key `effect` is missing");
  EXPECT_EQ(meaning(R"({"effect":"permit"})"), "$: the key `principal` is missing");
  EXPECT_EQ(meaning(R"({"effect":"permit","principal":{"op":"All"}})"),
            "$: the key `action` is missing");
  EXPECT_EQ(meaning(R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"}})"),
            "$: the key `resource` is missing");
  EXPECT_EQ(meaning(R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},)"
                    R"("resource":{"op":"All"}})"),
            "$: the key `conditions` is missing");
}

TEST(ReadPolicy, LimitsTheActionsOfAScope) {
  std::string actions;
  for (int i = 0; i < 4; ++i) actions += R"(,{"type":"Action","id":"a"})";
  const std::string action = R"({"op":"in","entities":[)" + actions.substr(1) + "]}";
  const auto json = codec::parse_json(policy({.action = action}));
  EXPECT_TRUE(policy_from_json(*json, "p", {.max_members = 4}));
  const auto refused = policy_from_json(*json, "p", {.max_members = 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "$.action.entities: more than 3 actions; group them");
}

const std::string& static_policy() {
  static const std::string text = policy({});
  return text;
}
const std::string& template_policy() {
  static const std::string text = policy({.principal = R"({"op":"==","slot":"?principal"})"});
  return text;
}

/// A set with the template `t` and one link.
std::string with_link(std::string_view link) {
  return R"({"templates":{"t":)" + template_policy() + R"(},"templateLinks":[)" +
         std::string(link) + "]}";
}

TEST(ReadPolicySet, AllThreeParts) {
  const auto json = codec::parse_json(
      R"({"staticPolicies":{"s":)" + static_policy() + R"(,"":)" + static_policy() +
      R"(},"templates":{"t":)" + template_policy() +
      R"(},"templateLinks":[{"templateId":"t","newId":"l","values":{"?principal":{"type":"U","id":"a"}}},)"
      R"({"templateId":"t","newId":"m","values":{"?principal":{"__entity":{"type":"U","id":"b"}}}}]})");
  ASSERT_TRUE(json);
  const auto policies = policy_set_from_json(*json);
  ASSERT_TRUE(policies) << policies.error().message;
  ASSERT_EQ(policies->policies().size(), 4U);
  EXPECT_NE(policies->find_policy("s"), nullptr);
  EXPECT_NE(policies->find_policy(""), nullptr);
  EXPECT_NE(policies->find_template("t"), nullptr);
  EXPECT_EQ(to_text(*policies->find_policy("l")->principal_slot), R"(U::"a")");
  EXPECT_EQ(to_text(*policies->find_policy("m")->principal_slot), R"(U::"b")");
  EXPECT_EQ(policies->find_policy("m")->resource_slot, nullptr);
}

TEST(ReadPolicySet, EveryKeyMayBeAbsent) {
  EXPECT_EQ(error_of_set("{}"), "accepted");
  EXPECT_EQ(error_of_set(R"({"templateLinks":[]})"), "accepted");
  EXPECT_EQ(error_of_set(R"({"staticPolicies":{}})"), "accepted");
  EXPECT_EQ(error_of_set(R"({"templates":{}})"), "accepted");
}

TEST(ReadPolicySet, RefusesOtherSets) {
  const struct {
    std::string json;
    std::string_view error;
  } rejections[] = {
      {"[]", "$: expected an object"},
      {R"({"policies":{}})", "$: unknown key `policies`; expected `staticPolicies`, `templates`, "},
      {R"({"staticPolicies":null})", "$.staticPolicies: expected an object"},
      {R"({"staticPolicies":[]})", "$.staticPolicies: expected an object"},
      {R"({"templates":[]})", "$.templates: expected an object"},
      {R"({"templateLinks":null})", "$.templateLinks: expected an array"},
      {R"({"templateLinks":{}})", "$.templateLinks: expected an array"},
      {R"({"staticPolicies":{"a":1}})", "$.staticPolicies.a: expected an object"},
      {R"({"staticPolicies":{"a b":{}}})",
       "$.staticPolicies[\"a b\"]: the key `effect` is missing"},
      {R"({"staticPolicies":{"a":)" + template_policy() + "}}",
       "$.staticPolicies.a: a policy with slots is a template; move it to `templates`"},
      {R"({"templates":{"a":)" + static_policy() + "}}",
       "$.templates.a: a policy without slots belongs under `staticPolicies`"},
      {R"({"staticPolicies":{"t":)" + static_policy() + R"(},"templates":{"t":)" +
           template_policy() + "}}",
       "$.templates.t: the policy id `t` occurs twice"},
      {R"({"staticPolicies":{"s":)" + static_policy() +
           R"(},"templateLinks":[{"templateId":"s","newId":"l","values":{}}]})",
       "$.templateLinks[0]: there is no template `s` to link"},
  };
  for (const auto& [json, error] : rejections) {
    const std::string message = error_of_set(json);
    EXPECT_TRUE(message.starts_with(error)) << json << "\n" << message;
  }
}

TEST(ReadPolicySet, RefusesOtherLinks) {
  const struct {
    std::string_view link;
    std::string_view error;
  } rejections[] = {
      {"1", "expected an object"},
      {R"({"newId":"l","values":{}})", "the key `templateId` is missing"},
      {R"({"templateId":"t","values":{}})", "the key `newId` is missing"},
      {R"({"templateId":"t","newId":"l"})", "the key `values` is missing"},
      {R"({"templateId":"t","newId":"l","values":{},"x":1})", "unknown key `x`"},
      {R"({"templateId":"t","newId":"l","values":{}})", "the link gives no value for `?principal`"},
      {R"({"templateId":"x","newId":"l","values":{"?principal":{"type":"U","id":"a"}}})",
       "there is no template `x` to link"},
      {R"({"templateId":"t","newId":"t","values":{"?principal":{"type":"U","id":"a"}}})",
       "the policy id `t` occurs twice"},
      {R"({"templateId":"t","newId":"l","values":{"?principal":{"type":"U","id":"a"},)"
       R"("?resource":{"type":"U","id":"a"}}})",
       "the template has no slot `?resource`"},
  };
  for (const auto& [link, error] : rejections) {
    const std::string message = error_of_set(with_link(link));
    EXPECT_TRUE(message.starts_with("$.templateLinks[0]: " + std::string(error))) << link << "\n"
                                                                                  << message;
  }
}

TEST(ReadPolicySet, RefusesOtherSlotValues) {
  const struct {
    std::string_view values;
    std::string_view error;
  } rejections[] = {
      {"[]", ": expected an object"},
      {R"({"principal":{"type":"U","id":"a"}})",
       ": unknown key `principal`; expected `?principal`"},
      {R"({"?action":{"type":"U","id":"a"}})", ": unknown key `?action`"},
      {R"({"?principal":null})", "[\"?principal\"]: expected an entity"},
      {R"({"?principal":"U::\"a\""})", "[\"?principal\"]: expected an entity"},
      {R"({"?principal":{"type":"if","id":"a"}})", "[\"?principal\"]: `if` is not the name"},
  };
  for (const auto& [values, error] : rejections) {
    const std::string message = error_of_set(
        with_link(R"({"templateId":"t","newId":"l","values":)" + std::string(values) + "}"));
    EXPECT_TRUE(message.starts_with("$.templateLinks[0].values" + std::string(error)))
        << values << "\n"
        << message;
  }
}

}  // namespace
}  // namespace wardlock::cedar
