#include "codec/yaml.h"

#include <gtest/gtest.h>

namespace wardlock::codec {
namespace {

std::string refusal(std::string_view text, const YamlLimits& limits = {}) {
  const auto parsed = parse_yaml(text, limits);
  if (parsed) return "taken";
  const Position place = position_at(text, parsed.error().front().span.begin);
  return std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
         parsed.error().front().message;
}

TEST(Yaml, KeepsOrderKindsAndPlaces) {
  const std::string text = "name: ward 3\nlist:\n  - 'a: b'\n  - 7\nempty:\nflow: {x: [y, ~]}\n";
  const auto parsed = parse_yaml(text);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->kind, Yaml::Kind::kMap);
  const auto& entries = parsed->entries;
  ASSERT_EQ(entries.size(), 4);
  EXPECT_EQ(entries[0].key, "name");
  EXPECT_EQ(entries[0].value.kind, Yaml::Kind::kPlain);
  EXPECT_EQ(entries[0].value.text, "ward 3");
  EXPECT_EQ(entries[1].value.items[0].kind, Yaml::Kind::kQuoted);
  EXPECT_EQ(entries[1].value.items[0].text, "a: b");
  EXPECT_EQ(text.substr(entries[1].value.items[1].span.begin, 1), "7");
  EXPECT_EQ(entries[2].value.kind, Yaml::Kind::kNull);
  EXPECT_EQ(entries[3].value.entries[0].value.items[1].kind, Yaml::Kind::kNull);
  const Position place = position_at(text, entries[3].span.begin);
  EXPECT_EQ(place.line, 6);
  EXPECT_EQ(place.column, 1);
}

TEST(Yaml, NothingIsAMapWithoutEntries) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "~"}) {
    const auto parsed = parse_yaml(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->kind, Yaml::Kind::kMap);
    EXPECT_TRUE(parsed->entries.empty());
  }
}

TEST(Yaml, RefusesWhatSurprises) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3"), "3:1 `a` is given twice");
  EXPECT_EQ(refusal("a: &x 1"), "1:4 an anchor (`&name`) is not allowed here; leave it out");
  EXPECT_EQ(refusal("a: !!int 1"), "1:4 a tag (`!type`) is not allowed here; leave it out");
  EXPECT_NE(refusal("a: &x [1]\nb: *x").find("anchor"), std::string::npos);
  EXPECT_EQ(refusal("[1]: 2"), "1:1 a key must be text");
  EXPECT_EQ(refusal("~: 2"), "1:1 a key must be text");
  EXPECT_NE(refusal("a: 1\n---\nb: 2").find("one document"), std::string::npos);
}

TEST(Yaml, RefusesABombWithoutUnfoldingIt) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = std::to_string(i - 1);
    const std::string own = std::to_string(i);
    bomb += "a" + own + ": &a" + own + " [*a" + last + ", *a" + last + "]\n";
  }
  EXPECT_NE(refusal(bomb).find("not allowed"), std::string::npos);
}

TEST(Yaml, RefusesWhatIsTooLargeOrDeep) {
  EXPECT_NE(refusal("a: 12345", {.max_bytes = 7}).find("larger than 7"), std::string::npos);
  EXPECT_EQ(refusal("[[[1]]]", {.max_depth = 3}), "taken");
  EXPECT_NE(refusal("[[[[1]]]]", {.max_depth = 3}).find("deeper than 3"), std::string::npos);
  EXPECT_NE(refusal(std::string(100'000, '[')), "taken");
  EXPECT_NE(refusal("a:\n" + std::string(100'000, '-')), "");
}

TEST(Yaml, RefusesWhatIsNoPlainText) {
  EXPECT_EQ(refusal("a: \xFF"), "1:4 this is not UTF-8");
  for (const char* text : {"a: \x1b[31m", "a: \u202Eb", "a: b\rc: d", "a: \u0085"}) {
    EXPECT_NE(refusal(text).find("control and bidirectional"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal(std::string("a: \0", 4)),
            "1:4 control and bidirectional characters are not allowed");
  EXPECT_EQ(refusal("a: b\r\nc: d\r\n"), "taken");
}

TEST(Yaml, RefusesWhatIsNoYaml) {
  for (const char* text : {"a: [1", "a: 'b", "a: b: c", "\ta: 1", "a: }", "- a\nb: 1", "{a: 1",
                           "a: \"\\q\"", "%YAML", "a: @b", "a: `b`"}) {
    EXPECT_NE(refusal(text), "taken") << text;
  }
}

}  // namespace
}  // namespace wardlock::codec
