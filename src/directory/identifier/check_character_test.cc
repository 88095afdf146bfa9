#include "directory/identifier/check_character.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

TEST(CheckCharacter, Gs1) {
  EXPECT_EQ(gs1_check_digit("0950600013435"), '2');
  EXPECT_EQ(gs1_check_digit("0084458800328"), '8');
  EXPECT_EQ(gs1_check_digit("1061414100734"), '6');
  EXPECT_EQ(gs1_check_digit("950600013435"), '2');  // zeros in front change nothing
  EXPECT_EQ(gs1_check_digit(""), '0');
}

TEST(CheckCharacter, Luhn) {
  EXPECT_EQ(luhn_check_digit("7992739871"), '3');
  EXPECT_EQ(luhn_check_digit("80840123456789"), '3');
  EXPECT_EQ(luhn_check_digit("0"), '0');
}

TEST(CheckCharacter, Hibc) {
  EXPECT_EQ(hibc_check_character("+A123BJC5D6E71"), 'G');
  EXPECT_EQ(hibc_check_character("+A123ABCDEFGHI1234567891"), 'E');
  EXPECT_EQ(hibc_check_character("%"), '%');
  EXPECT_EQ(hibc_check_character(""), '0');
  EXPECT_FALSE(hibc_check_character("+a123"));
  EXPECT_FALSE(hibc_check_character("*"));
  EXPECT_FALSE(hibc_check_character("+\xc3\x84"));
}

}  // namespace
}  // namespace wardlock::directory
