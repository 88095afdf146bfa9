#include "audit/format/verb.h"

#include <gtest/gtest.h>

#include <utility>

namespace wardlock::audit {
namespace {

TEST(VerbTest, IsTheFirstWord) {
  const std::pair<std::string_view, Verb> expected[] = {
      {"view", Verb::kRead},          {"View", Verb::kRead},
      {"viewSettings", Verb::kRead},  {"view_settings", Verb::kRead},
      {"export-log", Verb::kRead},    {"changeDose", Verb::kUpdate},
      {"edit", Verb::kUpdate},        {"createOrder", Verb::kCreate},
      {"removeRole", Verb::kDelete},  {"stopInfusion", Verb::kExecute},
      {"viewer", Verb::kExecute},     {"setup", Verb::kExecute},
      {"VIEW", Verb::kExecute},       {"", Verb::kExecute},
      {"7view", Verb::kExecute},      {" view", Verb::kExecute},
      {"\u00E4ndern", Verb::kExecute}};
  for (const auto& [action, verb] : expected) EXPECT_EQ(verb_of(action), verb) << action;
}

TEST(VerbTest, HasALetter) {
  EXPECT_EQ(letter_of(Verb::kCreate), "C");
  EXPECT_EQ(letter_of(Verb::kRead), "R");
  EXPECT_EQ(letter_of(Verb::kUpdate), "U");
  EXPECT_EQ(letter_of(Verb::kDelete), "D");
  EXPECT_EQ(letter_of(Verb::kExecute), "E");
}

}  // namespace
}  // namespace wardlock::audit
