#include <gtest/gtest.h>

#include <string>

#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

std::string json_of(const Template& policy) {
  const auto json = policy_to_json(policy);
  return json ? codec::to_json_text(*json) : json.error().message;
}

std::string text_of(const Template& policy) {
  const auto text = to_text(policy);
  return text ? *text : text.error().message;
}

constexpr std::string_view kPolicies[] = {
    R"(permit(principal, action, resource);)",
    R"(forbid(principal == U::"a", action == Action::"b", resource == A::B::"c");)",
    R"(permit(principal in U::"\"\\\n\r\t\0\u{1}\u{7f}\u{1F600}'", action, resource);)",
    R"(permit(principal is U, action in [Action::"a", N::Action::"b"], resource is V in G::"g");)",
    R"(permit(principal, action in [Action::"a"], resource);)",
    R"(permit(principal, action in [], resource);)",
    R"(permit(principal, action in Action::"a", resource);)",
    R"(permit(principal == ?principal, action, resource in ?resource);)",
    R"(permit(principal is U in ?principal, action, resource is V in ?resource);)",
    R"(@id("a\"b") @if @__cedar("") permit(principal, action, resource);)",
    R"(permit(principal, action, resource) when { true } unless { false } when { 1 };)",
};

constexpr std::string_view kExpressions[] = {
    "1 + 2 - 3 * 4 * 5 - (6 - 7)",
    "1 - (2 + 3) - -4",
    "(1 + 2) * (3 - 4)",
    "1 * (2 * 3)",
    "(1 < 2) == (3 >= 4)",
    "((1 == 2) != 3) in 4",
    "true && false && true",
    "true && (false && true)",
    "(true && false) && true",
    "true || false && true || (false || true)",
    "(true || false) && true",
    "!(true && false) || !true",
    "!!!!true",
    "!(!(!(!(!true))))",
    "----context.a",
    "-(-(-(-(-context.a))))",
    "-(1)",
    "--1",
    "-(-1)",
    "-9223372036854775808 - 9223372036854775807",
    "-1.a",
    "(-1).a",
    "-(1.a.b)",
    "!1.a",
    "-(1 + 2)",
    "!(-1 < 2)",
    "-(!true)",
    "1 + -1 * -2",
    "if true then 1 else 2 + 3",
    "(if true then 1 else 2) + 3",
    "if if true then false else true then if 1 then 2 else 3 else 4",
    "true && (if true then false else true)",
    "[if true then 1 else 2, {a: if true then 1 else 2}]",
    "(if true then context else resource).a.b",
    "context has a.b.c && (context has a.b) == true",
    R"(context has "a b" || context has "if" || context has a)",
    "(context has a) has b",
    R"(context.a["b c"]["if"].principal["__cedar"][""])",
    R"({a: 1, "b c": 2, "if": 3, "__cedar": 4, "": 5, principal: 6, permit: 7})",
    "{}.a",
    "{a: {b: []}}.a.b.isEmpty()",
    R"(principal like "" || principal like "*" || principal like "**a\**\\\n\u{e9}*")",
    R"((principal like "a") == ("b" like "c"))",
    "principal is U && (principal is A::B) == true",
    R"(principal is U in [G::"a", G::"b"])",
    R"(principal is U in resource.a + 1)",
    R"(principal in [resource, U::"a"] && (principal in resource) in context)",
    R"([[], [[1]], [true, "a", U::"a", -1]].contains([1].containsAll([2]).containsAny([3])))",
    R"(principal.hasTag("a") && principal.getTag("a" + "b").c)",
    R"(ip("1.1.1.1").isInRange(ip("1.0.0.0/8")) && ip() == ip("a", 2))",
    R"(decimal("1.0").lessThan() || decimal("1.0").lessThan(1, 2))",
    R"(datetime("2024-01-01").offset(duration("-1d")).toDate().durationSince(context.a).toDays())",
    R"((1 + 2).isIpv4() == (-1).toTime() && (!true).isEmpty())",
    R"("\"\\\n\r\t\0\u{1}\u{7f}\u{202e}\u{10ffff}'*" == "")",
};

/// All of the above, the expressions as conditions.
std::vector<std::string> all_policies() {
  std::vector<std::string> out(std::begin(kPolicies), std::end(kPolicies));
  for (const std::string_view expression : kExpressions) {
    out.push_back("permit(principal, action, resource) when { " + std::string(expression) + " };");
  }
  return out;
}

TEST(RoundTrip, TextToJsonAndBack) {
  for (const std::string& text : all_policies()) {
    const auto policy = parse_policy(text, "p");
    ASSERT_TRUE(policy) << to_error(policy.error(), text, "test").message;
    const std::string json = json_of(**policy);
    const auto parsed = codec::parse_json(json, kPolicyJsonLimits);
    ASSERT_TRUE(parsed) << json;
    const auto again = policy_from_json(*parsed, "p");
    ASSERT_TRUE(again) << json << "\n" << again.error().message;
    EXPECT_EQ(json_of(**again), json) << text;
  }
}

TEST(RoundTrip, TextToTextAndBack) {
  for (const std::string& text : all_policies()) {
    const auto policy = parse_policy(text, "p");
    ASSERT_TRUE(policy) << to_error(policy.error(), text, "test").message;
    const std::string printed = text_of(**policy);
    const auto again = parse_policy(printed, "p");
    ASSERT_TRUE(again) << to_error(again.error(), printed, "printed").message;
    EXPECT_EQ(json_of(**again), json_of(**policy)) << text << "\n" << printed;
    EXPECT_EQ(text_of(**again), printed) << text;
  }
}

TEST(RoundTrip, KeepsTheBracketsOfOneActionInText) {
  const std::string text = R"(permit (principal, action in [Action::"a"], resource);)";
  EXPECT_EQ(text_of(*parse_policy(text, "p").value()), text);
}

TEST(RoundTrip, ALongChain) {
  std::string text = "permit(principal, action, resource) when { context.a";
  for (int i = 1; i < 4'990; ++i) text += " || context.a";
  const auto policy = parse_policy(text + " };", "p");
  ASSERT_TRUE(policy);
  const std::string json = json_of(**policy);
  const auto parsed = codec::parse_json(json, kPolicyJsonLimits);
  ASSERT_TRUE(parsed);
  const auto again = policy_from_json(*parsed, "p");
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of(**again), text_of(**policy));
}

TEST(RoundTrip, AsDeepAsTheParserAllows) {
  std::string text = "permit(principal, action, resource) when { ";
  constexpr int kDepth = 240;
  for (int i = 0; i < kDepth; ++i) text += "!(-(";
  text += "context";
  for (int i = 0; i < kDepth; ++i) text += "))";
  const auto policy = parse_policy(text + " };", "p");
  ASSERT_TRUE(policy) << to_error(policy.error(), text, "test").message;
  const std::string printed = text_of(**policy);
  const auto again = parse_policy(printed, "p");
  ASSERT_TRUE(again) << to_error(again.error(), printed, "printed").message;
  EXPECT_EQ(json_of(**again), json_of(**policy));
}

TEST(RoundTrip, PolicySets) {
  auto policies =
      parse_policies(R"(permit(principal, action, resource) when { context.a };)"
                     R"(forbid(principal in ?principal, action, resource == ?resource);)"
                     R"(permit(principal, action, resource is V in ?resource);)");
  ASSERT_TRUE(policies);
  Arena arena;
  const EntityUid* alice = make_uid(arena, "U", "alice");
  const EntityUid* pump = make_uid(arena, "Ward::Pump", "\"7\"");
  ASSERT_TRUE(policies->link("policy1", "first", {alice, pump}));
  ASSERT_TRUE(policies->link("policy2", "second", {nullptr, pump}));
  const std::string json = codec::to_json_text(policy_set_to_json(*policies).value());
  const auto again = policy_set_from_json(*codec::parse_json(json, kPolicyJsonLimits));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(codec::to_json_text(policy_set_to_json(*again).value()), json);
}

}  // namespace
}  // namespace wardlock::cedar
