#include "cedar/parser/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace wardlock::cedar {
namespace {

/// `line:column message` of every diagnostic, a line each.
std::string findings(std::string_view text, const ParseLimits& limits = {}) {
  const auto policies = parse_policies(text, {}, limits);
  if (policies) return "";
  std::string out;
  for (const Diagnostic& diagnostic : policies.error()) {
    const Position place = position_at(text, diagnostic.span.begin);
    out += fmt::format("{}:{} {}\n", place.line, place.column, diagnostic.message);
  }
  return out;
}

TEST(Diagnostics, SayWhereAndWhat) {
  EXPECT_EQ(findings("permit (principal, action, resource)\nwhen { principal.age > };"),
            "2:24 unexpected `}`\n");
  EXPECT_EQ(findings("permit (principal, action, resource) when { foo == 1 };"),
            "1:45 `foo` is not a variable\n");
  EXPECT_EQ(findings("permit (principal, action, resource) when { \"é\" == \"\\q\" };"),
            "1:52 `\\q` is not a valid escape; there are \\n \\r \\t \\\\ \\0 \\' \\\" \\x41 "
            "\\u{1F600}\n");
  EXPECT_EQ(findings("permit (principal, action, resource) when { \"abc };"),
            "1:45 this string does not end\n");
  EXPECT_EQ(findings("permit"), "1:7 unexpected end of the text\n");
}

TEST(Diagnostics, OneRunReportsSeveral) {
  EXPECT_EQ(findings("permit (principal, action);\n"
                     "permit (principal, action, resource) when { a && b };\n"
                     "forbid (principal, action, resource);\n"
                     "@x @x permit (principal, action == User::\"a\", resource);\n"),
            "1:26 unexpected `)`\n"
            "2:45 `a` is not a variable\n"
            "2:50 `b` is not a variable\n"
            "4:5 the annotation `@x` occurs twice\n"
            "4:36 `User::\"a\"` is not an action\n");
}

TEST(Diagnostics, StopAtTheirLimit) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "nonsense;\n";
  const auto policies = parse_policies(text, {}, {.max_diagnostics = 7});
  ASSERT_FALSE(policies);
  EXPECT_EQ(policies.error().size(), 7U);
}

TEST(Limits, NestingIsAnErrorNeverACrash) {
  const std::string scope = "permit (principal, action, resource) when { ";
  const auto nested = [&](std::string_view open, std::string_view close, int depth) {
    std::string text = scope;
    for (int i = 0; i < depth; ++i) text += open;
    text += "true";
    for (int i = 0; i < depth; ++i) text += close;
    return findings(text + " };");
  };
  struct Shape {
    std::string_view open, close;
  };
  for (const Shape& shape :
       {Shape{"(", ")"}, Shape{"[", "]"}, Shape{"{a: ", "}"}, Shape{"if true then true else ", ""},
        Shape{"[1].contains(", ")"}, Shape{"ip(", ")"}, Shape{"!(", ")"}, Shape{"1 + (", ")"}}) {
    EXPECT_EQ(nested(shape.open, shape.close, 200), "") << shape.open;
    EXPECT_NE(nested(shape.open, shape.close, 100'000).find("nested more than"), std::string::npos)
        << shape.open;
  }
}

TEST(Limits, LongChainsOfAccessCountAsNesting) {
  const auto chain = [](int length) {
    std::string text = "permit (principal, action, resource) when { principal";
    for (int i = 0; i < length; ++i) text += ".a";
    return findings(text + " };");
  };
  EXPECT_EQ(chain(400), "");
  EXPECT_NE(chain(600), "");
}

TEST(Limits, LongChainsOfAndAreFine) {
  std::string text = "permit (principal, action, resource) when { true";
  for (int i = 0; i < 50'000; ++i) text += " && true";
  EXPECT_EQ(findings(text + " };"), "");
  for (int i = 0; i < 60'000; ++i) text += " && true";
  EXPECT_NE(findings(text + " };").find("members"), std::string::npos);
}

TEST(Limits, SizeIsChecked) {
  EXPECT_NE(findings("permit (principal, action, resource);", {.max_bytes = 10}), "");
}

TEST(Diagnostics, SayHowItIsWritten) {
  const auto first = [](std::string_view text) {
    const auto policies = parse_policies(text);
    return policies ? "" : policies.error().front().message + "; " + policies.error().front().help;
  };
  const auto condition = [&](std::string_view text) {
    return first(fmt::format("permit (principal, action, resource) when {{ {} }};", text));
  };
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(condition("principal.a.contain(1)"), "did you mean `contains`?"));
  EXPECT_TRUE(has(condition("context.d.lesThan(1)"), "did you mean `lessThan`?"));
  EXPECT_FALSE(has(condition("principal.a.decima()"), "did you mean"));
  EXPECT_TRUE(has(condition("pricipal.a"), "did you mean `principal`?"));
  EXPECT_FALSE(has(condition("user.a"), "did you mean"));
  EXPECT_TRUE(has(condition("true and false"), "`and` is written `&&`"));
  EXPECT_TRUE(has(condition("true or false"), "`or` is written `||`"));
  EXPECT_TRUE(has(condition("principal.a == 'x'"), "strings stand in double quotes"));
  EXPECT_TRUE(has(first("allow (principal, action, resource);"), "written `permit`"));
}

TEST(Text, MustBeUtf8) {
  EXPECT_NE(findings("// \xff\npermit (principal, action, resource);"), "");
  EXPECT_NE(findings("permit (principal, action, resource) when { \"\xed\xa0\x80\" == \"\" };"),
            "");
  EXPECT_EQ(findings("permit (principal, action, resource) when { \"\xf0\x9f\x98\x80\" == \"\" };"),
            "");
}

TEST(Text, BlanksAreUnicodes) {
  EXPECT_EQ(findings("permit\u00a0(principal,\u2028action,\v\fresource)\u0085;"), "");
  EXPECT_NE(findings("\ufeffpermit (principal, action, resource);"), "");
}

TEST(Ids, ComeFromTheOrderOrTheAnnotation) {
  constexpr std::string_view kText =
      "@id(\"a\") permit (principal, action, resource);"
      "permit (principal == ?principal, action, resource);"
      "forbid (principal, action, resource);";
  const auto plain = parse_policies(kText);
  ASSERT_TRUE(plain);
  EXPECT_NE(plain->find_policy("policy0"), nullptr);
  EXPECT_NE(plain->find_template("policy1"), nullptr);
  EXPECT_NE(plain->find_policy("policy2"), nullptr);
  const auto named = parse_policies(kText, {.prefix = "x.", .by_annotation = true});
  ASSERT_TRUE(named);
  EXPECT_NE(named->find_policy("a"), nullptr);
  EXPECT_NE(named->find_template("x.policy1"), nullptr);
}

TEST(Ids, MustBeUnique) {
  const auto twice = parse_policies(
      "@id(\"a\") permit (principal, action, resource); @id(\"a\") forbid (principal, action, "
      "resource);",
      {.by_annotation = true});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().front().message.find("`a` occurs twice"), std::string::npos);
}

TEST(EntityUids, AreParsedStrictly) {
  Arena arena;
  const auto uid = parse_entity_uid("A :: B::\"x\\u{41}\"", arena);
  ASSERT_TRUE(uid);
  EXPECT_EQ((*uid)->type, "A::B");
  EXPECT_EQ((*uid)->id, "xA");
  for (const char* text : {"", "User", "User::", "User::alice", "\"a\"", "User::\"a",
                           "User::\"a\" x", "User::\"a\"::\"b\"", "if::\"a\"", "__cedar::\"a\"",
                           "User::\"\\q\"", "::\"a\"", "User::\"\xff\""}) {
    EXPECT_FALSE(parse_entity_uid(text, arena)) << text;
  }
}

}  // namespace
}  // namespace wardlock::cedar
