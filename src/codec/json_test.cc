#include "codec/json.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>

namespace wardlock::codec {
namespace {

TEST(ParseJson, KeepsIntegersExact) {
  const auto json = parse_json("[9223372036854775807,-9223372036854775808,1.0]");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at(0).as_int64(), INT64_MAX);
  EXPECT_EQ(json->at(1).as_int64(), INT64_MIN);
  EXPECT_TRUE(json->at(2).is_double());
}

TEST(ParseJson, RefusesDuplicateKeysAtAnyDepth) {
  for (const char* text : {R"({"a":1,"a":1})", R"([{"b":{"a":1,"x":2,"a":3}}])",
                           R"({"a":1,"\u0061":2})", R"({"":1,"":2})"}) {
    const auto json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_NE(json.error().message.find("occurs twice"), std::string::npos) << json.error().message;
  }
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"));
}

TEST(ParseJson, RefusesADuplicateAmongManyKeys) {
  for (const int count : {15, 16, 17, 18, 100}) {
    std::string text = R"({"before": {"k1": 1})";
    for (int i = 0; i < count; ++i) {
      text += ", \"k" + std::to_string(i) + R"(": {"k1": [{"k0": 0}], "x": 0})";
    }
    EXPECT_TRUE(parse_json(text + "}")) << count;
    for (const int again : {0, 1, count / 2, count - 1}) {
      const std::string key = "k" + std::to_string(again);
      const auto json = parse_json(text + ", \"" + key + "\": 1}");
      ASSERT_FALSE(json) << count << ' ' << key;
      EXPECT_TRUE(json.error().message.contains("`" + key + "` occurs twice"));
    }
  }
}

TEST(ParseJson, TakesItsMemoryFromTheStorageGiven) {
  std::array<unsigned char, 2048> buffer;
  boost::json::monotonic_resource storage(buffer.data(), buffer.size());
  const auto json =
      parse_json(R"({"a": [1, 2, {"b": "a string that is not a short one"}]})", {}, &storage);
  ASSERT_TRUE(json);
  const auto* place =
      reinterpret_cast<const unsigned char*>(json->at("a").at(2).at("b").get_string().data());
  EXPECT_TRUE(buffer.data() <= place && place < buffer.data() + buffer.size());
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{'a':1}", "nul", "1 2", "\"\xff\"", "\"\\ud800\"",
                           "// c\n1", "[01]", "NaN", "\"a\nb\""}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(ParseJson, LimitsDepthAndSize) {
  const std::string deep(2000, '[');
  EXPECT_FALSE(parse_json(deep + std::string(2000, ']')));
  EXPECT_TRUE(parse_json("[[[]]]", {.max_depth = 3}));
  EXPECT_FALSE(parse_json("[[[[]]]]", {.max_depth = 3}));
  EXPECT_FALSE(parse_json("[1,2,3]", {.max_bytes = 6}));
}

TEST(ParseJson, LimitsTheMembersOfAnObject) {
  const auto members = [](int first, int count) {
    std::string text = "\"k" + std::to_string(first) + "\":0";
    for (int i = 1; i < count; ++i) text += ",\"k" + std::to_string(first + i) + "\":0";
    return text;
  };
  const JsonLimits limits{.max_members = 30};
  EXPECT_TRUE(parse_json("{" + members(0, 30) + "}", limits));
  EXPECT_TRUE(parse_json("{\"a\":{" + members(0, 30) + "}," + members(0, 29) + "}", limits));
  for (const std::string& text :
       {"{" + members(0, 31) + "}", "[{\"a\":[{" + members(0, 31) + "}]}]",
        "{\"a\":{" + members(0, 20) + "}," + members(0, 30) + "}"}) {
    const auto json = parse_json(text, limits);
    ASSERT_FALSE(json) << text;
    EXPECT_TRUE(json.error().message.contains("an object has too many members"));
  }
  EXPECT_FALSE(parse_json(R"({"a":1,"b":2})", {.max_members = 1}));
}

TEST(ParseJson, SaysWhere) {
  const auto json = parse_json("{\n  \"a\": tru\n}");
  ASSERT_FALSE(json);
  EXPECT_NE(json.error().message.find("line 2"), std::string::npos) << json.error().message;
}

TEST(PrettyJson, Indents) {
  EXPECT_EQ(to_pretty_json_text(*parse_json(R"({"a":[1,{}],"b":[]})")),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

}  // namespace
}  // namespace wardlock::codec
