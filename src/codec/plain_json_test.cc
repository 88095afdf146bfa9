#include "codec/plain_json.h"

#include <gtest/gtest.h>

#include <random>

#include "codec/json.h"

namespace wardlock::codec {
namespace {

std::optional<Json> plain(std::string_view text) { return parse_plain_json(text, {}, {}); }

/// A text as long as this is no question any more.
Result<Json> strict(std::string_view text) {
  return parse_json(std::string(text) + std::string(std::size_t{64} << 10, ' '));
}

TEST(PlainJson, IsWhatTheStrictParserReads) {
  for (const char* text : {R"({})", R"( [ ] )", R"("")", R"(0)", R"(-1)",
                           R"([999999999999999999,-999999999999999999,10,100])",
                           R"([true,false,null])", R"({"a":{"b":[{"c":"d"},[],{}]},"e":null})",
                           "\t{\r\n\"a\" :\t[ 1 ,\n2 ] , \"b\": \"c\" }\n",
                           R"(["a string that is longer than eight","12345678","1234567"])",
                           R"(["q\"b\\s\/","\b\f\n\r\t","\\","and more behind it: \" of it"])",
                           R"(["\u0061","\u00e9","\u20AC","\uD83E\udE7A.","\u0000","\uffff"])",
                           "[\"\x7f\",\"é李🩺\u2028\",\"é\\n李🩺\"]", R"({"é":1,"e":2})"}) {
    const auto read = plain(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, *strict(text)) << text;
  }
}

TEST(PlainJson, KeepsTheOrderOfMembers) {
  const auto read = plain(R"({"z":1,"a":2,"m":3})");
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json_text(*read), R"({"z":1,"a":2,"m":3})");
}

TEST(PlainJson, LeavesTheRestToTheStrictParser) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "\"",
                           "[1,]",
                           "[,1]",
                           "{,}",
                           R"({"a":1,})",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a" 1})",
                           R"({1:1})",
                           R"({a:1})",
                           "[1 2]",
                           "1 2",
                           "{}{}",
                           "tru",
                           "nul",
                           "falsey",
                           "NaN",
                           "-",
                           "01",
                           "-01",
                           "-0",
                           "00",
                           "1.",
                           "1.5",
                           "1e3",
                           "1E3",
                           "+1",
                           ".5",
                           "9223372036854775807",
                           "1000000000000000000",
                           R"("\x")",
                           R"("\u")",
                           R"("\u12")",
                           R"("\u12g4")",
                           R"("\u 123")",
                           R"("\u+123")",
                           R"("\u-123")",
                           R"("\ud800")",
                           R"("\udc00")",
                           R"("\ud800x")",
                           R"("\ud800\n")",
                           R"("\ud800\ud800")",
                           R"("\ud800\u0061")",
                           R"("\udbff\u12")",
                           "\"\\",
                           "\"\\\"",
                           "\"a\nb\"",
                           "\"\x1f\"",
                           "\"\xff\"",
                           "\"12345678\xc3\"",
                           "\"\xed\xa0\x80\"",
                           "{\"\xc3\":1}",
                           "\xef\xbb\xbf{}",
                           R"({"\n":1})",
                           R"({"a":1,"a":1})",
                           R"([{"b":1,"c":2,"b":1}])",
                           "// c\n1",
                           "'a'"}) {
    EXPECT_FALSE(plain(text)) << text;
  }
  EXPECT_FALSE(plain(std::string("\"a\0b\"", 5)));
  EXPECT_FALSE(plain(std::string("1\0", 2)));
}

TEST(PlainJson, LeavesManyMembersAndDeepNestingToTheStrictParser) {
  const auto members = [](int count) {
    std::string text = R"({"k":0)";
    for (int i = 1; i < count; ++i) text += ",\"k" + std::to_string(i) + "\":0";
    return text + "}";
  };
  EXPECT_TRUE(plain(members(16)));
  EXPECT_FALSE(plain(members(17)));
  EXPECT_TRUE(plain(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(plain(std::string(65, '[') + std::string(65, ']')));
  EXPECT_FALSE(parse_plain_json("[[{}]]", {.max_depth = 2}, {}));
  EXPECT_TRUE(parse_plain_json("[[{}]]", {.max_depth = 3}, {}));
}

/// Pieces of JSON in any order: mostly none, and now and then some.
TEST(PlainJson, NeverReadsWhatTheStrictParserDoesNot) {
  constexpr const char* kPieces[] = {"{",  "}",    "[",    "]",  ",",    ":",    "\"a\"", "\"b\"",
                                     "0",  "12",   "-",    ".5", "true", "null", " ",     "\\n",
                                     "\"", "\xc3", "\xa9", "\t", "e1",   "{}",   "[]",    "\"\":"};
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same texts each time
  std::uniform_int_distribution<std::size_t> piece(0, std::size(kPieces) - 1);
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::size_t count = random() % 8; count > 0; --count) text += kPieces[piece(random)];
    const auto found = plain(text);
    if (!found) continue;
    ++read;
    const auto expected = strict(text);
    ASSERT_TRUE(expected) << text;
    ASSERT_EQ(*found, *expected) << text;
  }
  EXPECT_GT(read, 2'000);
}

}  // namespace
}  // namespace wardlock::codec
