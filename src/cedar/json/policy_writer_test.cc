#include <gtest/gtest.h>

#include <string>

#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

/// The expression of a condition in policy text, as JSON.
std::string written(std::string_view text) {
  Arena arena;
  const auto expression = parse_expression(text, arena);
  if (!expression) return to_error(expression.error(), text, "test").message;
  const auto json = expression_to_json(**expression);
  return json ? codec::to_json_text(*json) : json.error().message;
}

std::string written_policy(std::string_view text) {
  const auto policy = parse_policy(text, "p");
  if (!policy) return to_error(policy.error(), text, "test").message;
  const auto json = policy_to_json(**policy);
  return json ? codec::to_json_text(*json) : json.error().message;
}

struct Case {
  std::string_view text;
  std::string_view json;
};

template <std::size_t n>
void expect_written(const Case (&cases)[n]) {
  for (const Case& c : cases) EXPECT_EQ(written(c.text), c.json) << c.text;
}

TEST(WriteExpr, Operators) {
  const Case cases[] = {
      {"principal", R"({"Var":"principal"})"},
      {"action", R"({"Var":"action"})"},
      {"resource", R"({"Var":"resource"})"},
      {"context", R"({"Var":"context"})"},
      {"1 == 2", R"({"==":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 != 2", R"({"!=":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 < 2", R"({"<":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 <= 2", R"({"<=":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 > 2", R"({">":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 >= 2", R"({">=":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 in 2", R"({"in":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 - 2 + 3",
       R"({"+":{"left":{"-":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
      {"1 * 2", R"({"*":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"[].isEmpty()", R"({"isEmpty":{"arg":{"Set":[]}}})"},
      {"[1].contains(2)", R"({"contains":{"left":{"Set":[{"Value":1}]},"right":{"Value":2}}})"},
      {"1.containsAll(2)", R"({"containsAll":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1.containsAny(2)", R"({"containsAny":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1.getTag(2)", R"({"getTag":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1.hasTag(2)", R"({"hasTag":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"if 1 then 2 else 3",
       R"({"if-then-else":{"if":{"Value":1},"then":{"Value":2},"else":{"Value":3}}})"},
      {R"(ip("::1"))", R"({"ip":[{"Value":"::1"}]})"},
      {"ip()", R"({"ip":[]})"},
      {"1.lessThan(2)", R"({"lessThan":[{"Value":1},{"Value":2}]})"},
      {"1.isIpv4()", R"({"isIpv4":[{"Value":1}]})"},
  };
  expect_written(cases);
}

TEST(WriteExpr, ChainsNestToTheLeft) {
  const Case cases[] = {
      {"1 && 2 && 3",
       R"({"&&":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
      {"(1 && 2) && 3",
       R"({"&&":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
      {"1 && (2 && 3)",
       R"({"&&":{"left":{"Value":1},"right":{"&&":{"left":{"Value":2},"right":{"Value":3}}}}})"},
      {"1 || 2 || 3",
       R"({"||":{"left":{"||":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
      {"1 && 2 || 3",
       R"({"||":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
  };
  expect_written(cases);
}

TEST(WriteExpr, Signs) {
  const Case cases[] = {
      {"-1", R"({"Value":-1})"},
      {"(-1)", R"({"Value":-1})"},
      {"- 1", R"({"Value":-1})"},
      {"--1", R"({"neg":{"arg":{"Value":-1}}})"},
      {"-(1)", R"({"neg":{"arg":{"Value":1}}})"},
      {"-(-1)", R"({"neg":{"arg":{"Value":-1}}})"},
      {"-1.a", R"({"neg":{"arg":{".":{"left":{"Value":1},"attr":"a"}}}})"},
      {"(-1).a", R"({".":{"left":{"Value":-1},"attr":"a"}})"},
      {"-9223372036854775808", R"({"Value":-9223372036854775808})"},
      {"1 - -1", R"({"-":{"left":{"Value":1},"right":{"Value":-1}}})"},
      {"!true", R"({"!":{"arg":{"Value":true}}})"},
      {"!!true", R"({"!":{"arg":{"!":{"arg":{"Value":true}}}}})"},
      {"-context.a", R"({"neg":{"arg":{".":{"left":{"Var":"context"},"attr":"a"}}}})"},
  };
  expect_written(cases);
}

TEST(WriteExpr, AttributesAndTypes) {
  const Case cases[] = {
      {R"(context["a"].b)",
       R"({".":{"left":{".":{"left":{"Var":"context"},"attr":"a"}},"attr":"b"}})"},
      {"context has a", R"({"has":{"left":{"Var":"context"},"attr":"a"}})"},
      {R"(context has "a")", R"({"has":{"left":{"Var":"context"},"attr":"a"}})"},
      {R"(context has "a b")", R"({"has":{"left":{"Var":"context"},"attr":"a b"}})"},
      {"context has a.b.c", R"({"has":{"left":{"Var":"context"},"attr":["a","b","c"]}})"},
      {"principal is A::B", R"({"is":{"left":{"Var":"principal"},"entity_type":"A::B"}})"},
      {"principal is U in resource",
       R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":{"Var":"resource"}}})"},
  };
  expect_written(cases);
}

TEST(WriteExpr, EachCharacterOfAPatternStandsAlone) {
  const Case cases[] = {
      {R"("" like "")", R"({"like":{"left":{"Value":""},"pattern":[]}})"},
      {R"("" like "**")", R"({"like":{"left":{"Value":""},"pattern":["Wildcard","Wildcard"]}})"},
      {R"("" like "aé*\*")",
       R"({"like":{"left":{"Value":""},"pattern":[{"Literal":"a"},{"Literal":"é"},"Wildcard",{"Literal":"*"}]}})"},
      {R"("" like "\u{1F600}\n")",
       "{\"like\":{\"left\":{\"Value\":\"\"},\"pattern\":[{\"Literal\":\"\xF0\x9F\x98\x80\"},"
       "{\"Literal\":\"\\n\"}]}}"},
  };
  expect_written(cases);
}

TEST(WriteExpr, SetsAndRecordsAreNeverValues) {
  const Case cases[] = {
      {R"([1, true, "a"])", R"({"Set":[{"Value":1},{"Value":true},{"Value":"a"}]})"},
      {R"([U::"a"])", R"({"Set":[{"Value":{"__entity":{"type":"U","id":"a"}}}]})"},
      {R"({"b c": 1, a: {}})", R"({"Record":{"a":{"Record":{}},"b c":{"Value":1}}})"},
      {R"({"__entity": {type: "U", id: "a"}})",
       R"({"Record":{"__entity":{"Record":{"id":{"Value":"a"},"type":{"Value":"U"}}}}})"},
  };
  expect_written(cases);
}

TEST(WritePolicy, Scopes) {
  const Case cases[] = {
      {"permit(principal, action, resource);",
       R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},)"
       R"("conditions":[]})"},
      {R"(forbid(principal == U::"a", action == N::Action::"v", resource in R::"x");)",
       R"({"effect":"forbid","principal":{"op":"==","entity":{"type":"U","id":"a"}},)"
       R"("action":{"op":"==","entity":{"type":"N::Action","id":"v"}},)"
       R"("resource":{"op":"in","entity":{"type":"R","id":"x"}},"conditions":[]})"},
      {R"(permit(principal is U, action in Action::"v", resource is A::B in G::"g");)",
       R"({"effect":"permit","principal":{"op":"is","entity_type":"U"},)"
       R"("action":{"op":"in","entity":{"type":"Action","id":"v"}},)"
       R"("resource":{"op":"is","entity_type":"A::B","in":{"entity":{"type":"G","id":"g"}}},)"
       R"("conditions":[]})"},
      {R"(permit(principal == ?principal, action in [], resource is F in ?resource);)",
       R"({"effect":"permit","principal":{"op":"==","slot":"?principal"},)"
       R"("action":{"op":"in","entities":[]},)"
       R"("resource":{"op":"is","entity_type":"F","in":{"slot":"?resource"}},"conditions":[]})"},
  };
  for (const Case& c : cases) EXPECT_EQ(written_policy(c.text), c.json) << c.text;
}

TEST(WritePolicy, AListOfOneActionLosesItsBrackets) {
  const std::string one =
      written_policy(R"(permit(principal, action in [Action::"a"], resource);)");
  EXPECT_NE(one.find(R"("action":{"op":"in","entity":{"type":"Action","id":"a"}})"),
            std::string::npos)
      << one;
  const std::string two =
      written_policy(R"(permit(principal, action in [Action::"a", Action::"a"], resource);)");
  EXPECT_NE(two.find(R"("entities":[{"type":"Action","id":"a"},{"type":"Action","id":"a"}])"),
            std::string::npos)
      << two;
}

TEST(WritePolicy, ConditionsAndAnnotations) {
  EXPECT_EQ(
      written_policy("@b(\"x\\n\") @a @if(\"\") permit(principal, action, resource) "
                     "unless { true } when { false } when { 1 };"),
      R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},)"
      R"("conditions":[{"kind":"unless","body":{"Value":true}},{"kind":"when","body":{"Value":false}},)"
      R"({"kind":"when","body":{"Value":1}}],"annotations":{"b":"x\n","a":null,"if":""}})");
}

TEST(WritePolicySet, AllThreeParts) {
  auto policies = parse_policies(
      "permit(principal, action, resource); permit(principal == ?principal, action, resource in "
      "?resource);");
  ASSERT_TRUE(policies);
  Arena arena;
  ASSERT_TRUE(
      policies->link("policy1", "link", {make_uid(arena, "U", "a"), make_uid(arena, "F", "")}));
  const auto json = policy_set_to_json(*policies);
  ASSERT_TRUE(json);
  const std::string any = R"("action":{"op":"All"})";
  EXPECT_EQ(
      codec::to_json_text(*json),
      R"({"staticPolicies":{"policy0":{"effect":"permit","principal":{"op":"All"},)" + any +
          R"(,"resource":{"op":"All"},"conditions":[]}},)"
          R"("templates":{"policy1":{"effect":"permit","principal":{"op":"==","slot":"?principal"},)" +
          any +
          R"(,"resource":{"op":"in","slot":"?resource"},"conditions":[]}},)"
          R"("templateLinks":[{"templateId":"policy1","newId":"link","values":)"
          R"({"?principal":{"__entity":{"type":"U","id":"a"}},)"
          R"("?resource":{"__entity":{"type":"F","id":""}}}}]})");
}

TEST(WritePolicySet, AnEmptySetHasItsKeys) {
  const auto json = policy_set_to_json(PolicySet());
  ASSERT_TRUE(json);
  EXPECT_EQ(codec::to_json_text(*json),
            R"({"staticPolicies":{},"templates":{},"templateLinks":[]})");
}

/// A policy whose condition is a chain of so many entities.
std::string chain_policy(std::size_t operands) {
  std::string text = "permit(principal, action, resource) when { ";
  for (std::size_t i = 0; i < operands; ++i) text += i == 0 ? R"(U::"a")" : R"( && U::"a")";
  return text + " };";
}

TEST(WritePolicy, TheDeepestDocumentThatIsWrittenCanBeRead) {
  constexpr std::size_t kLongest = 4'996;
  const auto policies = parse_policies(chain_policy(kLongest));
  ASSERT_TRUE(policies);
  const auto json = policy_set_to_json(*policies);
  ASSERT_TRUE(json) << json.error().message;
  const auto again = codec::parse_json(codec::to_json_text(*json), kPolicyJsonLimits);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(policy_set_from_json(*again));
}

TEST(WritePolicy, RefusesADocumentThatNobodyCouldRead) {
  const auto policies = parse_policies(chain_policy(4'997));
  ASSERT_TRUE(policies);
  const auto json = policy_set_to_json(*policies);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kOutOfRange);
  EXPECT_TRUE(json.error().message.starts_with("the policy would nest more than 10000 deep"));
  EXPECT_FALSE(policy_to_json(*parse_policy(chain_policy(50'000), "p").value()));
}

}  // namespace
}  // namespace wardlock::cedar
