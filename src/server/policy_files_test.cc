#include "server/policy_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

class PolicyFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "wardlock-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  std::vector<std::string> names(const std::vector<pdp::Source>& sources) const {
    std::vector<std::string> out;
    for (const auto& source : sources) out.push_back(fs::path(source.name).filename());
    return out;
  }

  fs::path folder_;
};

using Names = std::vector<std::string>;

TEST_F(PolicyFiles, ReadsAFileAsItIs) {
  const std::string text("permit\r\n\0é\xFF", 12);
  const std::string path = write("a.txt", text);
  const auto source = read_source(path);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->name, path);
  EXPECT_EQ(source->text, text);
  // Longer than one block.
  const std::string longer(200'001, 'x');
  EXPECT_EQ(read_source(write("b.txt", longer))->text, longer);
  EXPECT_EQ(read_source(write("c.txt", ""))->text, "");
}

TEST_F(PolicyFiles, RefusesWhatIsNoFile) {
  EXPECT_EQ(read_source(folder_ / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_source(folder_).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(read_source(""));
  EXPECT_EQ(read_policies(folder_ / "none").error().code, ErrorCode::kNotFound);
}

TEST_F(PolicyFiles, TakesPoliciesAndSchemasOfAFolderInTheOrderOfTheirNames) {
  for (const char* name : {"b.cedar", "a.cedar", "z.cedarschema", "y.cedarschema"})
    write(name, "// nothing");
  const auto sources = read_policies(folder_);
  ASSERT_TRUE(sources);
  EXPECT_EQ(names(sources->policies), (Names{"a.cedar", "b.cedar"}));
  EXPECT_EQ(names(sources->schemas), (Names{"y.cedarschema", "z.cedarschema"}));
  EXPECT_FALSE(sources->entities);
  EXPECT_FALSE(sources->links);
}

TEST_F(PolicyFiles, LeavesEverythingElseOfAFolderAlone) {
  for (const char* name : {"a.cedar", "a.cedar~", "a.cedar.bak", "cedar", ".cedar", "entities.json",
                           "p.json", "s.cedarschema.json", "x.cedar.new"}) {
    write(name, "garbage");
  }
  fs::create_directory(folder_ / "inner");
  write("inner/c.cedar", "garbage");
  const auto sources = read_policies(folder_);
  ASSERT_TRUE(sources);
  EXPECT_EQ(names(sources->policies), (Names{"a.cedar"}));
  EXPECT_TRUE(sources->schemas.empty());
}

TEST_F(PolicyFiles, RefusesAFolderThatCannotBeUnderstood) {
  EXPECT_EQ(read_policies(folder_).error().code, ErrorCode::kNotFound);
  write("s.cedarschema", "// nothing");
  const auto without_policies = read_policies(folder_);
  ASSERT_FALSE(without_policies);
  EXPECT_NE(without_policies.error().message.find("there is no `*.cedar` in `"), std::string::npos);
  // A folder called like a policy file is no policy file; nor is a link that leads nowhere. Rather
  // no decision than one without that policy.
  write("a.cedar", "// nothing");
  fs::create_directory(folder_ / "b.cedar");
  EXPECT_FALSE(read_policies(folder_));
  fs::remove(folder_ / "b.cedar");
  EXPECT_TRUE(read_policies(folder_));
  fs::create_symlink("nowhere", folder_ / "c.cedar");
  EXPECT_FALSE(read_policies(folder_));
}

TEST_F(PolicyFiles, RefusesWhatCouldHideAForbid) {
  write("a.cedar", "// nothing");
  for (const char* name : {"b.CEDAR", "b.CedarSchema"}) {
    const std::string path = write(name, "// nothing");
    const auto sources = read_policies(folder_);
    ASSERT_FALSE(sources) << name;
    EXPECT_TRUE(sources.error().message.contains("would not be read"));
    fs::remove(path);
  }
  write("b.cedar", "");
  const auto sources = read_policies(folder_);
  ASSERT_FALSE(sources);
  EXPECT_TRUE(sources.error().message.contains("is empty"));
}

TEST_F(PolicyFiles, RefusesNamesThatAreNotPlainText) {
  for (const char* name : {"a\xFF.cedar", "a\033[31m.cedar", "a\u202Eb.cedarschema"}) {
    write("good.cedar", "// nothing");
    const std::string path = write(name, "// nothing");
    const auto sources = read_policies(folder_);
    ASSERT_FALSE(sources) << name;
    EXPECT_TRUE(sources.error().message.contains("rename it")) << sources.error().message;
    fs::remove(path);
    EXPECT_TRUE(read_policies(folder_));
  }
}

TEST_F(PolicyFiles, DoesNotWaitForAPipeInAFolder) {
  write("a.cedar", "// nothing");
  ASSERT_EQ(mkfifo((folder_ / "b.cedar").c_str(), 0600), 0);
  EXPECT_EQ(read_policies(folder_).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace wardlock::server
