#include "codec/cbor.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::codec {
namespace {

using namespace std::string_view_literals;

/// The message without the place it ends with, or "read".
std::string verdict(std::string_view bytes, const CborLimits& limits = {}) {
  const auto value = parse_cbor(bytes, limits);
  if (value) return "read";
  return value.error().message.substr(0, value.error().message.find(" at byte"));
}

TEST(ParseCbor, ReadsEachKind) {
  // {1: -7, "b": h'0102', "t": "é", "l": [true, false, null]}, with keys in no special order.
  const auto value =
      parse_cbor("\xA4\x01\x26\x61\x62\x42\x01\x02\x61\x74\x62\xC3\xA9\x61\x6C\x83\xF5\xF4\xF6"sv);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->find(1)->integer(), -7);
  EXPECT_EQ(value->find("b")->bytes(), "\x01\x02");
  EXPECT_EQ(value->find("t")->text(), "é");
  const Cbor::Array* list = value->find("l")->array();
  ASSERT_TRUE(list && list->size() == 3);
  EXPECT_EQ(list->at(0).boolean(), true);
  EXPECT_EQ(list->at(1).boolean(), false);
  EXPECT_TRUE(list->at(2).is_null());
  EXPECT_EQ(value->find("x"), nullptr);
  EXPECT_EQ(value->find(2), nullptr);
}

TEST(ParseCbor, KeepsIntegersExact) {
  EXPECT_EQ(parse_cbor("\x1B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv)->integer(), INT64_MAX);
  EXPECT_EQ(parse_cbor("\x3B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv)->integer(), INT64_MIN);
  EXPECT_EQ(verdict("\x1B\x80\x00\x00\x00\x00\x00\x00\x00"sv), "a CBOR integer is beyond 64 bits");
  EXPECT_EQ(verdict("\x3B\x80\x00\x00\x00\x00\x00\x00\x00"sv), "a CBOR integer is beyond 64 bits");
  EXPECT_EQ(parse_cbor("\x39\xFF\xFE"sv)->integer(), -65535);
}

TEST(ParseCbor, TellsKindsApart) {
  const auto text = parse_cbor("\x61\x61"sv);
  EXPECT_FALSE(text->bytes());
  EXPECT_FALSE(text->integer());
  EXPECT_FALSE(text->boolean());
  EXPECT_EQ(text->map(), nullptr);
  EXPECT_EQ(text->find("a"), nullptr);
  EXPECT_FALSE(parse_cbor("\x41\x61"sv)->text());
}

TEST(ParseCbor, RefusesAKeyThatOccursTwice) {
  EXPECT_EQ(verdict("\xA2\x01\x01\x01\x02"sv), "a CBOR key occurs twice");
  EXPECT_EQ(verdict("\xA2\x61\x61\x01\x61\x61\x02"sv), "a CBOR key occurs twice");
  EXPECT_EQ(verdict("\x81\xA2\x01\x01\x01\x02"sv), "a CBOR key occurs twice");
  EXPECT_EQ(verdict("\xA2\x01\x01\x61\x01\x02"sv), "read");
  EXPECT_EQ(verdict("\xA1\x41\x01\x02"sv), "a CBOR key is neither text nor integer");
}

TEST(ParseCbor, RefusesWhatFollows) {
  EXPECT_TRUE(verdict("\x01\x01"sv).starts_with("something follows"));
  const auto item = parse_cbor_item("\x42\x01\x02\x03"sv);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->size, 3U);
}

TEST(ParseCbor, RefusesLongerForms) {
  for (const std::string_view bytes :
       {"\x18\x17"sv, "\x19\x00\xFF"sv, "\x1A\x00\x00\xFF\xFF"sv,
        "\x1B\x00\x00\x00\x00\xFF\xFF\xFF\xFF"sv, "\x38\x17"sv, "\x58\x01\x61"sv, "\x78\x01\x61"sv,
        "\x98\x01\x01"sv, "\xB8\x01\x01\x01"sv}) {
    EXPECT_EQ(verdict(bytes), "a CBOR item is not in its shortest form");
  }
}

TEST(ParseCbor, RefusesOtherKinds) {
  // Lengths to be seen later, tags, undefined, floats, other simple values.
  for (const std::string_view bytes :
       {"\x5F\x41\x61\xFF"sv, "\x7F\x61\x61\xFF"sv, "\x9F\x01\xFF"sv, "\xBF\x01\x01\xFF"sv,
        "\xC0\x01"sv, "\xF7"sv, "\xF9\x3C\x00"sv, "\xFA\x3F\x80\x00\x00"sv, "\xE0"sv, "\xF8\xFF"sv,
        "\xFF"sv, "\x1C"sv}) {
    EXPECT_NE(verdict(bytes), "read") << static_cast<int>(static_cast<unsigned char>(bytes[0]));
  }
}

TEST(ParseCbor, RefusesWhatEndsEarly) {
  const auto whole =
      "\xA4\x01\x26\x61\x62\x42\x01\x02\x61\x74\x62\xC3\xA9\x61\x6C\x83\xF5\xF4\xF6"sv;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(verdict(whole.substr(0, size)), "the CBOR ends early") << size;
  }
  // Counts that promise more than there could be take no memory.
  EXPECT_NE(verdict("\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv), "read");
  EXPECT_NE(verdict("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv), "read");
  EXPECT_NE(verdict("\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv), "read");
}

TEST(ParseCbor, RefusesTextThatIsNoUtf8) {
  EXPECT_EQ(verdict("\x61\xFF"sv), "a CBOR text is not UTF-8");
}

TEST(ParseCbor, KeepsItsLimits) {
  const std::string deep = std::string(8, '\x81') + "\x01";
  EXPECT_EQ(verdict(deep), "read");
  EXPECT_EQ(verdict("\x81" + deep), "the CBOR is nested too deep");
  EXPECT_EQ(verdict("\x82\x01\x01"sv, {.max_elements = 1}), "a CBOR array is too long");
  EXPECT_EQ(verdict("\xA2\x01\x01\x02\x01"sv, {.max_members = 1}),
            "a CBOR map has too many members");
  EXPECT_NE(verdict("\x82\x01\x01"sv, {.max_bytes = 2}), "read");
}

}  // namespace
}  // namespace wardlock::codec
