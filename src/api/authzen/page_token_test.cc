#include "api/authzen/page_token.h"

#include <gtest/gtest.h>

namespace wardlock::authzen {
namespace {

TEST(PageToken, gives_back_what_was_sealed) {
  const crypto::SealingKey key;
  for (const search::Rest& rest :
       {search::Rest{}, search::Rest{.after = ""}, search::Rest{.after = " +-lab 7"},
        search::Rest{.after = std::string(200, 'x')}}) {
    const auto opened = open_rest(seal_rest(rest, "a search", key), "a search", key);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->after, rest.after);
  }
}

TEST(PageToken, is_of_one_search_and_one_key) {
  const crypto::SealingKey key, other;
  const std::string token = seal_rest({.after = "lab-7"}, "a search", key);
  EXPECT_FALSE(open_rest(token, "another search", key));
  EXPECT_FALSE(open_rest(token, "a search", other));
  EXPECT_FALSE(open_rest(token.substr(1), "a search", key));
  EXPECT_FALSE(open_rest("", "a search", key));
}

TEST(PageToken, does_not_tell_how_long_an_id_is) {
  const crypto::SealingKey key;
  const std::size_t length = seal_rest({.after = "x"}, "", key).size();
  EXPECT_EQ(seal_rest({.after = "a-much-longer-id-of-a-patient"}, "", key).size(), length);
  EXPECT_EQ(seal_rest({.after = std::nullopt}, "", key).size(), length);
}

}  // namespace
}  // namespace wardlock::authzen
