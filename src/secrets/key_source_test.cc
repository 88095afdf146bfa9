#include "secrets/key_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "hsm/token_for_test.h"

namespace wardlock::secrets {
namespace {

class KeySourceTest : public testing::Test {
 protected:
  KeySourceTest() {
    std::string name = (std::filesystem::temp_directory_path() / "wardlock-keys-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~KeySourceTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    std::ofstream(path(name)) << text;
    chmod(path(name).c_str(), mode);
  }
  static Error refused(const KeySource& source) {
    const auto loaded = load_key(source);
    EXPECT_FALSE(loaded);
    return loaded ? Error{} : loaded.error();
  }

  std::string folder_;
};

TEST_F(KeySourceTest, AFileIsMadeOnlyWhereItMayBe) {
  const KeyFile file{path("secrets.key")};
  EXPECT_EQ(refused(file).code, ErrorCode::kNotFound);
  const auto made = load_or_create_key(file);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(load_key(file).value(), *made);
}

TEST_F(KeySourceTest, AVariableHoldsAKey) {
  const KeyVariable variable{"WARDLOCK_TEST_KEY"};
  unsetenv("WARDLOCK_TEST_KEY");
  EXPECT_EQ(refused(variable).code, ErrorCode::kNotFound);
  EXPECT_EQ(load_or_create_key(variable).error().code, ErrorCode::kNotFound);
  for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(63, 'a') + "g", std::string(64, 'a') + "\n"}) {
    setenv("WARDLOCK_TEST_KEY", text.c_str(), 1);
    EXPECT_EQ(refused(variable).code, ErrorCode::kDataLoss) << text;
  }
  setenv("WARDLOCK_TEST_KEY", std::string(64, 'a').c_str(), 1);
  write("same.key", std::string(64, 'a') + "\n");
  EXPECT_EQ(load_key(variable).value(), load_key(KeyFile{path("same.key")}).value());
}

TEST_F(KeySourceTest, TheFirstIsCurrentAndTheOthersMustBeThere) {
  const std::vector<KeySource> sources = {KeyFile{path("new.key")}, KeyFile{path("old.key")}};
  EXPECT_EQ(load_sealer(sources, true).error().code, ErrorCode::kNotFound)
      << "an old key is never made anew";
  write("old.key", std::string(64, 'b') + "\n");
  EXPECT_TRUE(load_sealer(sources, false)) << "the new one was made above";
  std::filesystem::remove(path("new.key"));
  EXPECT_EQ(load_sealer(sources, false).error().code, ErrorCode::kNotFound);
  const auto sealer = load_sealer(sources, true);
  ASSERT_TRUE(sealer);
  EXPECT_EQ(sealer->current(), key_id(load_key(KeyFile{path("new.key")}).value()));
}

class KeyOfAToken : public KeySourceTest {
 protected:
  void SetUp() override {
    if (!hsm::TokenForTest::is_possible()) GTEST_SKIP() << "SoftHSM is not installed";
    token_.emplace();
    write("pin", "1234\n");
  }
  KeyToken source() const {
    return {.module = token_->name().module,
            .token = "ward",
            .key = "first",
            .pin_file = path("pin"),
            .path = path("sealed.key")};
  }

  std::optional<hsm::TokenForTest> token_;
};

TEST_F(KeyOfAToken, IsMadeOnceAndLiesSealed) {
  EXPECT_EQ(refused(source()).code, ErrorCode::kNotFound);
  const auto made = load_or_create_key(source());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(load_key(source()).value(), *made);
  EXPECT_EQ(load_or_create_key(source()).value(), *made);
  struct stat seen = {};
  ASSERT_EQ(stat(path("sealed.key").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U);
  EXPECT_EQ(seen.st_size, 12 + 32 + 16);
}

TEST_F(KeyOfAToken, NeedsItsToken) {
  ASSERT_TRUE(load_or_create_key(source()));
  KeyToken other = source();
  other.key = "second";
  EXPECT_EQ(refused(other).code, ErrorCode::kDataLoss);
  other.key = "third";
  EXPECT_EQ(refused(other).code, ErrorCode::kNotFound);
  EXPECT_EQ(load_or_create_key(other).error().code, ErrorCode::kNotFound);
  write("pin", "4321\n");
  EXPECT_EQ(refused(source()).code, ErrorCode::kPermissionDenied);
  write("pin", "1234\n", 0644);
  EXPECT_EQ(refused(source()).code, ErrorCode::kFailedPrecondition);
}

TEST_F(KeyOfAToken, ThatWasChangedIsRefused) {
  ASSERT_TRUE(load_or_create_key(source()));
  std::fstream file(path("sealed.key"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20);
  file.put('x');
  file.close();
  EXPECT_EQ(refused(source()).code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace wardlock::secrets
