#include "codec/der.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::codec {
namespace {

using namespace std::string_view_literals;

TEST(DerReader, ReadsNestedElements) {
  // SEQUENCE { INTEGER 300, ENUMERATED 1, [1] { OCTET STRING 'ab' }, [701] { NULL } }
  DerReader outer(
      "\x30\x13\x02\x02\x01\x2C\x0A\x01\x01\xA1\x04\x04\x02\x61\x62"
      "\xBF\x85\x3D\x02\x05\x00"sv);
  const auto whole = outer.next();
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->is(DerTag::kSequence));
  DerReader members(whole->contents);
  EXPECT_EQ(der_unsigned(*members.next(DerTag::kInteger)), 300U);
  EXPECT_EQ(der_unsigned(*members.next(DerTag::kEnumerated)), 1U);
  const auto tagged = members.next();
  ASSERT_TRUE(tagged && tagged->is_context(1));
  EXPECT_EQ(DerReader(tagged->contents).next(DerTag::kOctetString)->contents, "ab");
  const auto high = members.next();
  ASSERT_TRUE(high && high->is_context(701));
  EXPECT_FALSE(high->is_context(702));
}

TEST(DerReader, RefusesAnotherTag) {
  EXPECT_TRUE(DerReader("\x04\x00"sv).next(DerTag::kOctetString));
  EXPECT_FALSE(DerReader("\x04\x00"sv).next(DerTag::kSequence));
}

TEST(DerReader, RefusesWhatIsNotDer) {
  for (const std::string_view der : {
           ""sv, "\x30"sv, "\x30\x01"sv, "\x04\x02\x61"sv,      // ends early
           "\x30\x80\x00\x00"sv,                                // indefinite
           "\x04\x81\x01\x61"sv, "\x04\x82\x00\x80"sv,          // longer than needed
           "\x04\x85\x00\x00\x00\x00\x01\x61"sv, "\x04\xFF"sv,  // too long
           "\x1F\x80\x01\x00"sv, "\x1F\x1E\x00"sv,              // a tag that is longer than needed
           "\x1F\xFF\xFF\xFF\xFF\x7F\x00"sv,                    // too large a tag
       }) {
    EXPECT_FALSE(DerReader(der).next());
  }
}

TEST(DerUnsigned, TakesTheShortestFormOnly) {
  const auto value = [](std::string_view contents) {
    return der_unsigned({.first_byte = 0x02, .number = 2, .contents = contents});
  };
  EXPECT_EQ(value("\x00"sv), 0U);
  EXPECT_EQ(value("\x00\x80"sv), 128U);
  EXPECT_EQ(value("\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv), UINT64_MAX);
  for (const std::string_view wrong :
       {""sv, "\x80"sv, "\x00\x01"sv, "\x01\x00\x00\x00\x00\x00\x00\x00\x00"sv}) {
    EXPECT_FALSE(value(wrong));
  }
  EXPECT_FALSE(der_unsigned({.first_byte = 0x04, .number = 4, .contents = "\x01"}));
}

}  // namespace
}  // namespace wardlock::codec
