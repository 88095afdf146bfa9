#include "authn/otp/recovery_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wardlock::authn {
namespace {

TEST(RecoveryCodes, AreFoundHoweverTheyAreTyped) {
  const RecoveryCodes codes = new_recovery_codes();
  ASSERT_EQ(codes.shown.size(), 10U);
  for (std::size_t i = 0; i < codes.shown.size(); ++i) {
    std::string typed(codes.shown[i].reveal());
    EXPECT_EQ(find_recovery_code(codes.hashes, Secret(typed)), i);
    std::ranges::replace(typed, '-', ' ');
    std::ranges::transform(typed, typed.begin(), [](unsigned char c) { return std::tolower(c); });
    std::ranges::replace(typed, '0', 'o');
    std::ranges::replace(typed, '1', 'l');
    EXPECT_EQ(find_recovery_code(codes.hashes, Secret(" " + typed)), i);
  }
}

TEST(RecoveryCodes, AreGoodOnce) {
  RecoveryCodes codes = new_recovery_codes(3);
  const auto found = find_recovery_code(codes.hashes, codes.shown[1]);
  ASSERT_EQ(found, 1U);
  codes.hashes.erase(codes.hashes.begin() + 1);
  EXPECT_FALSE(find_recovery_code(codes.hashes, codes.shown[1]));
  EXPECT_EQ(find_recovery_code(codes.hashes, codes.shown[2]), 1U);
}

TEST(RecoveryCodes, RefuseWhatIsNone) {
  const RecoveryCodes codes = new_recovery_codes(2);
  const std::string code(codes.shown[0].reveal());
  for (const std::string& wrong : {std::string(), std::string("-"), code.substr(1), code + "0",
                                   std::string(1000, 'A'), codes.hashes[0]}) {
    EXPECT_FALSE(find_recovery_code(codes.hashes, Secret(wrong)));
  }
  // Nothing that is not a code has the hash of nothing.
  const std::vector<std::string> damaged = {"", codes.hashes[0]};
  EXPECT_FALSE(find_recovery_code(damaged, Secret("")));
}

TEST(RecoveryCodes, AreAllDifferentAndWithoutLettersThatLookAlike) {
  std::set<std::string> seen;
  for (const Secret& code : new_recovery_codes(200).shown) {
    EXPECT_EQ(code.size(), 29U);
    EXPECT_EQ(code.reveal().find_first_of("ILOU"), std::string_view::npos);
    EXPECT_TRUE(seen.insert(std::string(code.reveal())).second);
  }
}

}  // namespace
}  // namespace wardlock::authn
