#include "storage/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wardlock::storage {
namespace {

/// A folder that goes when it ends.
class FolderForTest {
 public:
  FolderForTest() {
    std::string name = (std::filesystem::temp_directory_path() / "wardlock-key-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~FolderForTest() { std::filesystem::remove_all(path_); }
  FolderForTest(const FolderForTest&) = delete;
  FolderForTest& operator=(const FolderForTest&) = delete;
  std::string path(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class KeyFile : public testing::Test {
 protected:
  void write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  ErrorCode code_of(std::string_view text, mode_t mode = 0600) const {
    write(text, mode);
    const auto key = load_or_create_key(path_);
    return key ? ErrorCode::kUnknown : key.error().code;
  }

  FolderForTest folder_;
  std::string path_ = folder_.path("a.key");
};

TEST_F(KeyFile, IsMadeOnceForItsOwnerAlone) {
  const auto made = load_or_create_key(path_);
  ASSERT_TRUE(made) << made.error().message;
  struct stat seen = {};
  ASSERT_EQ(stat(path_.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U);
  EXPECT_EQ(load_or_create_key(path_).value(), *made);
  EXPECT_NE(*made, crypto::SymmetricKey());
  const auto files = std::filesystem::directory_iterator(folder_.path(""));
  EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "nothing is left beside it";
}

TEST_F(KeyFile, OfTwoFoldersDiffer) {
  const FolderForTest other;
  EXPECT_NE(load_or_create_key(path_).value(), load_or_create_key(other.path("a.key")).value());
}

TEST_F(KeyFile, OfManyAtOnceIsOne) {
  std::vector<crypto::SymmetricKey> keys(8);
  {
    std::vector<std::jthread> threads;
    for (auto& key : keys) {
      threads.emplace_back([&key, this] { key = load_or_create_key(path_).value(); });
    }
  }
  for (const auto& key : keys) EXPECT_EQ(key, keys.front());
}

TEST_F(KeyFile, IsReadAsItIsWritten) {
  std::string text;
  std::array<std::uint8_t, 32> bytes;
  for (std::size_t i = 0; i < 32; ++i) {
    bytes[i] = static_cast<std::uint8_t>(7 * i);
    constexpr std::string_view kHex = "0123456789abcdef";
    text += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
  }
  write(text + "\n");
  EXPECT_EQ(load_or_create_key(path_).value(), crypto::SymmetricKey(bytes));
}

TEST_F(KeyFile, NothingElseIsOne) {
  const std::string digits(64, 'a');
  EXPECT_EQ(code_of(""), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits + "\n\n"), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits.substr(1) + "\n"), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits.substr(1) + "g\n"), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits.substr(2) + "-1\n"), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits.substr(2) + " 1\n"), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(digits + "\n"), ErrorCode::kUnknown);
}

TEST_F(KeyFile, ThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640, 0604, 0644, 0660, 0666, 0700 | 010}) {
    EXPECT_EQ(code_of(std::string(64, 'a') + "\n", mode), ErrorCode::kFailedPrecondition) << mode;
  }
  const auto refused = load_or_create_key(path_);
  EXPECT_TRUE(refused.error().message.contains("run `chmod 600 " + path_ + "`"));
}

TEST_F(KeyFile, WithoutAFolderIsAnError) {
  const auto key = load_or_create_key(folder_.path("nowhere/a.key"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(key.error().message.contains("nowhere/a.key"));
}

TEST_F(KeyFile, ThatMustBeThereIsNotMade) {
  const auto missing = load_key(path_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
  const auto made = load_or_create_key(path_).value();
  EXPECT_EQ(load_key(path_).value(), made);
}

TEST_F(KeyFile, AFolderIsNone) { EXPECT_FALSE(load_or_create_key(folder_.path(""))); }

}  // namespace
}  // namespace wardlock::storage
