#include "codec/json_writer.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace wardlock::codec {
namespace {

TEST(JsonWriter, SetsCommasBetweenMembersAndElements) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a");
  json.begin_array();
  json.integer(-1);
  json.begin_object();
  json.end_object();
  json.boolean(false);
  json.begin_array();
  json.end_array();
  json.end_array();
  json.key("b");
  json.string("x");
  json.key("c");
  json.begin_object();
  json.key("d");
  json.boolean(true);
  json.end_object();
  json.key("e");
  json.integer(INT64_MIN);
  json.end_object();
  EXPECT_EQ(out, R"({"a":[-1,{},false,[]],"b":"x","c":{"d":true},"e":-9223372036854775808})");
}

TEST(JsonWriter, NamesThatAreKnownAtRunTimeAreEscaped) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key_text("plain");
  json.integer(1);
  json.key_text("a\"b");
  json.boolean(true);
  json.end_object();
  EXPECT_EQ(out, R"({"plain":1,"a\"b":true})");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("q\"b\\s/"),
        std::string("a\nb\tc\x01\x1f\x7f"), std::string("12345678"), std::string("\"2345678"),
        std::string("1234567\\"), std::string("12345678\n"), std::string("1234567890abcde\x7f"),
        std::string("123456\t89"), std::string("a\0b", 3), std::string("é李🩺\u2028")}) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    json.string(text);
    json.string(text);
    json.end_array();
    const auto parsed = parse_json(out);
    ASSERT_TRUE(parsed) << out;
    ASSERT_EQ(parsed->as_array().size(), 2U);
    for (const Json& each : parsed->as_array()) EXPECT_EQ(std::string_view(each.as_string()), text);
  }
}

}  // namespace
}  // namespace wardlock::codec
