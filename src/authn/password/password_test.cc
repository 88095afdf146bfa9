#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "authn/password/block_list.h"
#include "authn/password/password_policy.h"
#include "authn/password/password_verifier.h"
#include "authn/password/strength.h"

namespace wardlock::authn {
namespace {

PreparedPassword prepared(std::string_view text) {
  auto password = prepare_password(Secret(text), {});
  EXPECT_TRUE(password) << text << ": " << password.error().message;
  return *std::move(password);
}

/// What is said against a password, in one text.
std::string faults(std::string_view text, bool is_only_factor = true) {
  const std::vector<std::string> words = {"dr-grey", "Meredith", "Wardlock", "St. Mary", "ex"};
  const std::array<const BlockList*, 1> lists = {&common_passwords()};
  const PasswordPolicy policy;
  std::string all;
  for (const std::string& fault : faults_of(prepared(text), {.policy = policy,
                                                             .is_only_factor = is_only_factor,
                                                             .context_words = words,
                                                             .block_lists = lists})) {
    all += fault + "\n";
  }
  return all;
}

TEST(PasswordPolicy, CountsCodePoints) {
  EXPECT_EQ(faults("horse-tree-lamp"), "");
  EXPECT_TRUE(faults("horse-tree-lam").contains("15 characters"));
  EXPECT_EQ(faults("\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4\u00F6\u00FCxyz"),
            "");
  EXPECT_TRUE(
      faults("\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4").contains("15"));
  // Composed, it is shorter.
  EXPECT_TRUE(faults("e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301").contains("15"));
  EXPECT_EQ(faults("hvrqpxtz", /*is_only_factor=*/false), "");
  EXPECT_TRUE(faults("hvrqpxt", /*is_only_factor=*/false).contains("8 characters"));
}

TEST(PasswordPolicy, HasNoRulesOfCompositionAndCutsNothingOff) {
  EXPECT_EQ(faults("only small letters and blanks here"), "");
  EXPECT_TRUE(prepare_password(Secret(std::string(64, 'x')), {}));
  EXPECT_TRUE(prepare_password(Secret(std::string(256, 'x')), {}));
  EXPECT_FALSE(prepare_password(Secret(std::string(257, 'x')), {}));
  EXPECT_FALSE(prepare_password(Secret(std::string(1 << 20, 'x')), {}));
  EXPECT_FALSE(prepare_password(Secret(""), {}));
}

TEST(PasswordPolicy, IsTheSameHoweverItWasTyped) {
  EXPECT_EQ(prepared("caf\u00E9\u00A0noir").secret(), prepared("cafe\u0301 noir").secret());
  EXPECT_FALSE(prepared("Cafe").secret() == prepared("cafe").secret());
  EXPECT_FALSE(prepare_password(Secret("a\nb"), {}));
}

TEST(PasswordPolicy, RefusesWhatManyUse) {
  EXPECT_TRUE(faults("password1", false).contains("others have used"));
  EXPECT_TRUE(faults("PassWord1", false).contains("others have used"));
  EXPECT_FALSE(faults("password1xq", false).contains("others have used"));
}

TEST(PasswordPolicy, RefusesThePersonsAndTheServicesName) {
  constexpr std::string_view kSays = "your name or ours";
  EXPECT_TRUE(faults("Wardlock-2026!!").contains(kSays));
  EXPECT_TRUE(faults("dr-greydr-greydr-grey").contains(kSays));
  EXPECT_TRUE(faults("meredith2026", false).contains(kSays));
  // With enough besides, the name does no harm; nor does a word too short to mean anything.
  EXPECT_EQ(faults("meredith likes quiet lakes"), "");
  EXPECT_EQ(faults("excelexcelexcel"), "");
}

TEST(PasswordPolicy, DoesNotRepeatThePassword) {
  EXPECT_FALSE(faults("hunter2").contains("hunter2"));
  const auto refused = prepare_password(Secret("hunter2\x01"), {});
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().message.contains("hunter2"));
}

/// A file with these contents, gone with the test.
class ListFile {
 public:
  explicit ListFile(std::string_view contents) : path_(testing::TempDir() + "wardlock-list") {
    std::ofstream(path_, std::ios::binary) << contents;
  }
  ~ListFile() { std::remove(path_.c_str()); }
  ListFile(const ListFile&) = delete;
  ListFile& operator=(const ListFile&) = delete;

  Result<BlockList> open() const { return BlockList::open(path_); }

 private:
  std::string path_;
};

TEST(BlockList, FindsEachLineAndNothingElse) {
  std::string lines;
  for (int i = 1000; i < 3000; ++i) lines += "word" + std::to_string(i) + "\n";
  for (const std::string& contents : {lines, lines.substr(0, lines.size() - 1)}) {
    const ListFile file(contents);
    const auto list = file.open();
    ASSERT_TRUE(list) << list.error().message;
    for (int i = 1000; i < 3000; ++i) {
      EXPECT_TRUE(list->contains(Secret("word" + std::to_string(i)))) << i;
    }
    for (const std::string_view other :
         {"", "word", "word0999", "word3000", "word10000", "ord1000", "a", "z", "word1000\n"}) {
      EXPECT_FALSE(list->contains(Secret(other))) << other;
    }
    EXPECT_TRUE(list->contains(Secret("WORD1000")));
  }
}

TEST(BlockList, ReadsHashesWithAndWithoutCounts) {
  // SHA-1 of `P@ssw0rd` and of `password`.
  constexpr std::string_view kSorted =
      "21BD12DC183F740EE76F27B78EB39C8AD972A757:83\n"
      "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\n";
  const ListFile file(kSorted);
  const auto list = file.open();
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_TRUE(list->contains(Secret("P@ssw0rd")));
  EXPECT_TRUE(list->contains(Secret("password")));
  EXPECT_TRUE(list->contains(Secret("Password")));
  EXPECT_FALSE(list->contains(Secret("passwore")));
  EXPECT_FALSE(list->contains(Secret("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8")));
}

TEST(BlockList, SaysWhatIsWrongWithAFile) {
  EXPECT_TRUE(ListFile("b\na\n").open().error().message.contains("LC_ALL=C sort -u"));
  EXPECT_TRUE(ListFile("").open().error().message.contains("is empty"));
  EXPECT_TRUE(ListFile(std::string(5000, 'x')).open().error().message.contains("4096"));
  EXPECT_TRUE(ListFile("21BD12DC183F740EE76F27B78EB39C8AD972A757\nzebra\n")
                  .open()
                  .error()
                  .message.contains("two lists"));
  EXPECT_TRUE(BlockList::open("/nonexistent").error().message.contains("No such file"));
  EXPECT_TRUE(BlockList::open("/tmp").error().message.contains("is not a file"));
}

TEST(BlockList, TheListThatComesAlongIsInOrder) {
  for (const std::string_view known : {"12345678", "password", "iloveyou", "qwertyuiop"}) {
    EXPECT_TRUE(common_passwords().contains(Secret(known))) << known;
  }
  EXPECT_FALSE(common_passwords().contains(Secret("horse-tree-lamp")));
}

TEST(PasswordStrength, TellsWeakFromStrong) {
  const std::vector<std::string> words = {"meredith"};
  const auto weak = strength_of(prepared("password"), words);
  EXPECT_EQ(weak.score, 0);
  ASSERT_FALSE(weak.advice.empty());
  EXPECT_TRUE(weak.advice.front().contains("Words that many use"));
  EXPECT_LE(strength_of(prepared("meredith"), words).score, 1);
  EXPECT_LE(strength_of(prepared("aaaaaaaaaaaa"), words).score, 1);
  const auto strong = strength_of(prepared("horse quiet lantern gravel"), words);
  EXPECT_EQ(strong.score, 4);
  EXPECT_TRUE(strong.advice.empty());
  EXPECT_GT(strong.guesses_log10, weak.guesses_log10);
}

constexpr crypto::Argon2idCost kTestCost = {.passes = 1, .memory_kib = 64};

TEST(PasswordVerifier, TellsRightFromWrong) {
  const PasswordVerifier verifier(kTestCost);
  const std::string hash = verifier.hash(prepared("horse-tree-lamp"));
  EXPECT_TRUE(verifier.verify(hash, prepared("horse-tree-lamp")).is_right);
  EXPECT_FALSE(verifier.verify(hash, prepared("horse-tree-lamp")).is_due_for_rehash);
  EXPECT_FALSE(verifier.verify(hash, prepared("horse-tree-lamq")).is_right);
  EXPECT_FALSE(verifier.verify(hash, std::nullopt).is_right);
}

TEST(PasswordVerifier, NobodyHasNoPassword) {
  const PasswordVerifier verifier(kTestCost);
  EXPECT_FALSE(verifier.verify(std::nullopt, prepared("horse-tree-lamp")).is_right);
  EXPECT_FALSE(verifier.verify(std::nullopt, std::nullopt).is_right);
  EXPECT_FALSE(verifier.verify("", prepared("x")).is_right);
}

double processor_seconds_of(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  for (int i = 0; i < 10; ++i) work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(PasswordVerifier, NobodyTakesAsLongAsSomebody) {
  const PasswordVerifier verifier({.passes = 2, .memory_kib = 8'192});
  const std::string hash = verifier.hash(prepared("horse-tree-lamp"));
  const double somebody =
      processor_seconds_of([&] { verifier.verify(hash, prepared("another password")); });
  const double nobody =
      processor_seconds_of([&] { verifier.verify(std::nullopt, prepared("another password")); });
  const double nothing = processor_seconds_of([&] { verifier.verify(hash, std::nullopt); });
  EXPECT_GT(nobody, somebody / 2);
  EXPECT_LT(nobody, somebody * 2);
  EXPECT_GT(nothing, somebody / 2);
}

TEST(PasswordVerifier, AsksForANewHashWhenTheCostChanges) {
  const PasswordVerifier old(kTestCost);
  const PasswordVerifier now({.passes = 2, .memory_kib = 64});
  const std::string hash = old.hash(prepared("horse-tree-lamp"));
  const auto verdict = now.verify(hash, prepared("horse-tree-lamp"));
  EXPECT_TRUE(verdict.is_right && verdict.is_due_for_rehash);
  EXPECT_FALSE(now.verify(hash, prepared("wrong")).is_due_for_rehash);
}

TEST(PasswordVerifier, TheCostHasAFloor) {
  EXPECT_TRUE(checked_cost({}));
  EXPECT_TRUE(checked_cost({.passes = 1, .memory_kib = 47'104}));
  EXPECT_TRUE(checked_cost({.passes = 3, .memory_kib = 12'288}));
  EXPECT_FALSE(checked_cost({.passes = 1, .memory_kib = 47'103}));
  EXPECT_FALSE(checked_cost({.passes = 2, .memory_kib = 19'455}));
  EXPECT_FALSE(checked_cost({.passes = 3, .memory_kib = 12'287}));
  EXPECT_FALSE(checked_cost({.passes = 0, .memory_kib = 65'536}));
  EXPECT_FALSE(checked_cost({.passes = 17, .memory_kib = 65'536}));
  EXPECT_FALSE(checked_cost({.passes = 3, .memory_kib = (1U << 20) + 1}));
}

}  // namespace
}  // namespace wardlock::authn
