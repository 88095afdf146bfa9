#include "cedar/format/format.h"

#include <gtest/gtest.h>

namespace wardlock::cedar {
namespace {

std::string formatted(std::string_view text, const FormatOptions& options = {}) {
  const auto out = format_policies(text, options);
  if (!out) return "error: " + out.error().front().message;
  const auto again = format_policies(*out, options);
  EXPECT_TRUE(again && *again == *out) << *out;
  return *out;
}

std::string with_condition(std::string_view condition, const FormatOptions& options = {}) {
  const std::string out =
      formatted("permit(principal,action,resource)when{" + std::string(condition) + "};", options);
  const std::size_t begin = out.find("\nwhen") + 1;
  return out.substr(begin, out.size() - begin - 2);
}

TEST(Format, PutsAnOpenScopeOnOneLine) {
  EXPECT_EQ(formatted("permit(principal,action,resource);"),
            "permit (principal, action, resource);\n");
}

TEST(Format, PutsAConstrainedScopeOnLinesOfItsOwn) {
  EXPECT_EQ(formatted("@id(\"a\")@b\nforbid(principal is User in Group::\"g\",action in[A::Action::"
                      "\"v\",Action::\"w\",],resource==(?resource));"),
            "@id(\"a\")\n@b\nforbid (\n  principal is User in Group::\"g\",\n"
            "  action in [A::Action::\"v\", Action::\"w\"],\n  resource == (?resource)\n);\n");
}

TEST(Format, SeparatesPoliciesByABlankLine) {
  EXPECT_EQ(
      formatted("permit(principal,action,resource);\n\n\n\npermit(principal,action,resource);"),
      "permit (principal, action, resource);\n\npermit (principal, action, resource);\n");
}

TEST(Format, BreaksWhatDoesNotFit) {
  const FormatOptions narrow{.line_width = 30};
  EXPECT_EQ(with_condition("principal.a&&principal.b", narrow),
            "when\n{\n  principal.a && principal.b\n}");
  EXPECT_EQ(with_condition("principal.alpha&&principal.beta||true", narrow),
            "when\n{\n  principal.alpha &&\n  principal.beta ||\n  true\n}");
  EXPECT_EQ(with_condition("[principal.alpha,principal.beta]", narrow),
            "when\n{\n  [principal.alpha,\n   principal.beta]\n}");
  EXPECT_EQ(with_condition("{a:principal.alpha,\"b\":principal.be}", narrow),
            "when\n{\n  {\n    a: principal.alpha,\n    \"b\": principal.be\n  }\n}");
  EXPECT_EQ(with_condition("if principal.alpha then false else true", narrow),
            "when\n{\n  if\n    principal.alpha\n  then\n    false\n  else\n    true\n}");
  EXPECT_EQ(with_condition("context.alpha.beta.contains(principal.gamma)", narrow),
            "when\n{\n  context.alpha\n    .beta\n    .contains\n    (\n      principal.gamma\n"
            "    )\n}");
}

TEST(Format, KeepsWhatIsWrittenButForTrailingCommasAndLeadingZeros) {
  EXPECT_EQ(with_condition("((1))==007&&\"\\u{41}\\x42\"like\"*\\*\""),
            "when { ((1)) == 7 && \"\\u{41}\\x42\" like \"*\\*\" }");
  EXPECT_EQ(with_condition("[1,]=={a:0,}.a"), "when { [1] == { a: 0 }.a }");
  EXPECT_EQ(with_condition("--1<-2*3+!!true"), "when { --1 < -2 * 3 + !!true }");
}

TEST(Format, IndentsAsWideAsAsked) {
  EXPECT_EQ(formatted("permit(principal is U,action,resource);", {.indent_width = 4}),
            "permit (\n    principal is U,\n    action,\n    resource\n);\n");
  EXPECT_EQ(formatted("permit(principal is U,action,resource);", {.indent_width = 0}),
            "permit (\nprincipal is U,\naction,\nresource\n);\n");
}

TEST(Format, CountsTheColumnsOfACharacter) {
  const FormatOptions narrow{.line_width = 20};
  EXPECT_EQ(with_condition("\"ééééé\"", narrow), "when { \"ééééé\" }");
  EXPECT_EQ(with_condition("\"漢字漢字漢\"", narrow), "when\n{ \"漢字漢字漢\" }");
}

TEST(Format, KeepsCommentsWithTheTokenTheyBelongTo) {
  EXPECT_EQ(
      formatted("// file\n\n// policy\npermit(principal,action,resource)// scope\n"
                "when// cond\n{ // open\n// above\ntrue// behind\n}; // end\n// last\n\n//eof"),
      "// file\n// policy\npermit (principal, action, resource) // scope\nwhen // cond\n"
      "{ // open\n  // above\n  true // behind\n}; // end\n// last\n//eof\n");
}

TEST(Format, KeepsTheCommentsOfATrailingComma) {
  EXPECT_EQ(with_condition("[1, // one\n2, // two\n]"), "when\n{\n  [1, // one\n   2] // two\n}");
  EXPECT_EQ(with_condition("[1 // one\n, // comma\n// above\n] // close\n"),
            "when\n{\n  [1 // one\n  // comma\n  // above\n  ] // close\n}");
  EXPECT_EQ(formatted("permit(principal,action,resource, // a\n// b\n);"),
            "permit (principal, action, resource\n// a\n// b\n);\n");
}

TEST(Format, FormattingTwiceChangesNothingWhereABlankLineWasLeftOut) {
  EXPECT_EQ(with_condition("\"a\"\n// c\n==\"b\""), "when\n{\n  \"a\" // c\n   == \"b\"\n}");
}

TEST(Format, KeepsBlankLinesOfStringsAndSlashesInThem) {
  EXPECT_EQ(with_condition("\"a\n\n // \"==\"\""), "when { \"a\n\n // \" == \"\" }");
}

TEST(Format, TakesEveryKindOfLineEnd) {
  EXPECT_EQ(formatted("// a\r\npermit(principal,\r\naction,resource);\r\n// b\r// c"),
            "// a\npermit (principal, action, resource);\n// b\n// c\n");
}

TEST(Format, LeavesNothingButANewlineOfNothing) {
  EXPECT_EQ(formatted(""), "\n");
  EXPECT_EQ(formatted("// only\n\n //this"), "\n// only\n//this\n");
}

TEST(Format, RefusesWhatDoesNotParse) {
  EXPECT_EQ(formatted("permit(principal"), "error: unexpected end of the text");
  EXPECT_FALSE(format_policies("permit(principal, action, resource) when { };"));
  EXPECT_FALSE(format_policies("permit(principal, action, resource) when { x };"));
  EXPECT_FALSE(format_policies("permit(principal, action, resource) when { 1 == 1 == 1 };"));
  EXPECT_FALSE(format_policies("entity User;"));
  EXPECT_FALSE(format_policies("\xFF"));
  EXPECT_FALSE(format_policies("", {.line_width = kMaxLineWidth + 1}));
  EXPECT_FALSE(format_policies("", {.indent_width = kMaxIndentWidth + 1}));
}

TEST(Format, RefusesHostileNesting) {
  const std::string open(300'000, '(');
  const std::string close(300'000, ')');
  EXPECT_FALSE(
      format_policies("permit(principal,action,resource)when{" + open + "1" + close + "};"));
  EXPECT_FALSE(
      format_policies("permit(principal==" + open + "U::\"a\"" + close + ",action,resource);"));
  EXPECT_FALSE(format_policies("permit(principal,action in" + open + "[]" + close + ",resource);"));
  EXPECT_FALSE(format_policies("permit(principal,action==" + open + "Action::\"a\"" + close +
                               ",resource);"));
}

TEST(Format, NestingWithinTheLimitIsLaidOut) {
  std::string condition;
  for (int i = 0; i < 400; ++i) condition += i % 2 == 0 ? "(" : "[";
  condition += "1";
  for (int i = 400; i-- > 0;) condition += i % 2 == 0 ? ")" : "]";
  EXPECT_TRUE(with_condition(condition).starts_with("when\n{\n  ([(["))
      << with_condition(condition);
}

TEST(Format, TakesTimeLinearInTheText) {
  std::string text = "permit(principal,action,resource)when{[";
  for (int i = 0; i < 30'000; ++i) text += "{a:[1,principal.b.c]}, // comment\n\n";
  text += "]};";
  const auto out = format_policies(text);
  ASSERT_TRUE(out);
  EXPECT_GT(out->size(), text.size());
}

}  // namespace
}  // namespace wardlock::cedar
