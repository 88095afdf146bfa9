#include "server/source_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "audit/keys/folder_for_test.h"
#include "bundle/bundle_for_test.h"
#include "server/policy_folder.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

class SourceFolderTest : public testing::Test {
 protected:
  SourceFolderTest() {
    for (const bundle::BundledFile& file : bundle::small_files()) write(file.name, file.text);
  }

  std::string folder() const { return folder_.path("source"); }
  std::string path(const std::string& name) const { return folder() + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string fault(const SourceLimits& limits = {}) const {
    const auto read = read_source_folder(folder(), limits);
    return read ? "read" : read.error().message;
  }
  ErrorCode code(const SourceLimits& limits) const {
    const auto read = read_source_folder(folder(), limits);
    EXPECT_FALSE(read);
    return read ? ErrorCode::kUnknown : read.error().code;
  }

  audit::FolderForTest folder_;
};

TEST_F(SourceFolderTest, HasWhatABundleOfItHas) {
  write("tests/ward.test.yaml", "name: x\n");
  write("readme.md", "no part of it");
  write("old/ward.cedar", "no part of it");
  const auto read = read_source_folder(folder());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_NE(read->find("tests/ward.test.yaml"), nullptr);
  EXPECT_EQ(read->find("readme.md"), nullptr);
  EXPECT_EQ(read->name(), read_policy_folder(folder())->name());
}

TEST_F(SourceFolderTest, MayItselfBeReachedByALink) {
  fs::create_directory_symlink(folder(), folder_.path("link"));
  EXPECT_TRUE(read_source_folder(folder_.path("link")));
}

TEST_F(SourceFolderTest, FollowsNoLink) {
  std::ofstream(folder_.path("secret")) << "the key\n";
  fs::create_symlink(folder_.path("secret"), path("more.cedar"));
  EXPECT_NE(fault().find("more.cedar` is a link or no file"), std::string::npos) << fault();
  fs::remove(path("more.cedar"));
  fs::create_directory(folder_.path("elsewhere"));
  fs::create_directory_symlink(folder_.path("elsewhere"), path("tests"));
  EXPECT_NE(fault().find("tests` is a link or no file"), std::string::npos) << fault();
  fs::remove(path("tests"));
  fs::create_symlink(folder_.path("secret"), path("notes.txt"));
  EXPECT_EQ(fault(), "read") << "what is no part of it is not opened";
}

TEST_F(SourceFolderTest, OpensNothingThatIsNoFile) {
  ASSERT_EQ(mkfifo(path("pipe.cedar").c_str(), 0600), 0);
  EXPECT_NE(fault().find("pipe.cedar` is a link or no file"), std::string::npos) << fault();
  fs::remove(path("pipe.cedar"));
  fs::create_directory(path("folder.cedar"));
  EXPECT_NE(fault().find("folder.cedar` is a link or no file"), std::string::npos) << fault();
  fs::remove(path("folder.cedar"));
  std::ofstream(path("tests")) << "a file";
  EXPECT_NE(fault().find("tests` is a link or no file"), std::string::npos) << fault();
}

TEST_F(SourceFolderTest, EndsAtItsLimits) {
  EXPECT_EQ(code({.entries = 1}), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code({.files = 1}), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code({.bytes = 20}), ErrorCode::kResourceExhausted);
  EXPECT_NE(fault({.bytes = 20}).find("more than 20 bytes"), std::string::npos);
  std::size_t bytes = 0;
  for (const bundle::BundledFile& file : bundle::small_files()) bytes += file.text.size();
  EXPECT_EQ(fault({.bytes = bytes}), "read");
  EXPECT_EQ(code({.bytes = bytes - 1}), ErrorCode::kResourceExhausted);
}

TEST_F(SourceFolderTest, RefusesWhatWouldBeMissing) {
  write("Ward.CEDAR", "forbid (principal, action, resource);\n");
  EXPECT_NE(fault().find("would not be in the bundle"), std::string::npos) << fault();
}

TEST_F(SourceFolderTest, IsRefusedWhereItIsNotThereOrEmpty) {
  fs::remove_all(folder());
  EXPECT_NE(fault().find("cannot be read"), std::string::npos) << fault();
  fs::create_directory(folder());
  EXPECT_NE(fault(), "read");
}

}  // namespace
}  // namespace wardlock::server
