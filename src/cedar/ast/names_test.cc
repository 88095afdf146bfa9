#include "cedar/ast/names.h"

#include <gtest/gtest.h>

namespace wardlock::cedar {
namespace {

constexpr std::string_view kReserved[] = {"true", "false", "if",  "then", "else",
                                          "in",   "is",    "has", "like", "__cedar"};

TEST(Names, WordsMayBeReserved) {
  for (const std::string_view text : {"a", "A1", "_", "__cedarling", "permit", "principal"}) {
    EXPECT_TRUE(is_word(text)) << text;
    EXPECT_TRUE(is_identifier(text)) << text;
    EXPECT_TRUE(is_name(text)) << text;
  }
  for (const std::string_view text : kReserved) {
    EXPECT_TRUE(is_word(text)) << text;
    EXPECT_FALSE(is_identifier(text)) << text;
    EXPECT_FALSE(is_name(text)) << text;
    EXPECT_TRUE(why_reserved(text)) << text;
  }
}

TEST(Names, RefuseEverythingElse) {
  for (const std::string_view text :
       {"", "1", "1a", "a b", " a", "a ", "a-b", "a.b", "é", "a\n", "?principal", "\"a\""}) {
    EXPECT_FALSE(is_word(text)) << text;
    EXPECT_FALSE(is_identifier(text)) << text;
    EXPECT_FALSE(is_name(text)) << text;
  }
}

TEST(Names, JoinIdentifiers) {
  for (const std::string_view text : {"A::B", "A::B::C", "_::_1"}) {
    EXPECT_TRUE(is_name(text)) << text;
    EXPECT_FALSE(is_identifier(text)) << text;
  }
  for (const std::string_view text :
       {"::", "A::", "::A", "A:B", "A:::B", "A::::B", "A :: B", "A::if", "__cedar::A", "A::1"}) {
    EXPECT_FALSE(is_name(text)) << text;
  }
}

TEST(Names, ActionsHaveTheirOwnType) {
  for (const std::string_view text : {"Action", "A::Action", "A::B::Action"}) {
    EXPECT_TRUE(is_action_type(text)) << text;
  }
  for (const std::string_view text : {"", "action", "MyAction", "Action::A", "A::MyAction"}) {
    EXPECT_FALSE(is_action_type(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::cedar
