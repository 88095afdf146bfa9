#include "base/suggestion.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock {
namespace {

const std::vector<std::string> kWords = {"authorize", "evaluate", "link", "pdp"};

TEST(Suggestion, NamesTheNearestWord) {
  EXPECT_EQ(suggestion("autorize", kWords), "; did you mean `authorize`?");
  EXPECT_EQ(suggestion("evaluates", kWords), "; did you mean `evaluate`?");
  EXPECT_EQ(suggestion("lnik", kWords), "; did you mean `link`?");
  EXPECT_EQ(suggestion("pdp", kWords), "; did you mean `pdp`?");
}

TEST(Suggestion, SaysNothingWhereNoneIsNear) {
  for (const char* word : {"", "serve", "authorisation", "linking-x", "AUTHORIZE", "p"}) {
    EXPECT_EQ(suggestion(word, std::vector<std::string>{"authorize", "evaluate"}), "") << word;
  }
  EXPECT_EQ(suggestion("link", {}), "");
  // Compared letter by letter, it would take minutes.
  const std::vector<std::string> many(2000, "authorize");
  EXPECT_EQ(suggestion(std::string(4 << 20, 'a'), many), "");
}

}  // namespace
}  // namespace wardlock
