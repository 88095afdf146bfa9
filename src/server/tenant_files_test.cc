#include "server/tenant_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

class TenantFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "wardlock-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directory(folder_ / "rules");
    write("rules/a.cedar", "permit (principal, action, resource);");
    write("rules/a.cedarschema", "// nothing");
    write("entities.json", "[]");
    tenant_ = {.name = "", .policies = folder_ / "rules", .entities = folder_ / "entities.json"};
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  /// Whether the change can be seen.
  template <typename Change>
  bool is_seen(Change&& change) const {
    const Fingerprint before = take_fingerprint(tenant_);
    change();
    return take_fingerprint(tenant_) != before;
  }

  fs::path folder_;
  config::Tenant tenant_;
};

TEST_F(TenantFiles, AFingerprintShowsEveryChange) {
  EXPECT_FALSE(is_seen([] {}));
  EXPECT_TRUE(is_seen([&] { write("rules/a.cedar", "forbid (principal, action, resource);"); }));
  EXPECT_TRUE(is_seen([&] { write("rules/b.cedar", ""); }));
  EXPECT_TRUE(is_seen([&] { fs::remove(folder_ / "rules/b.cedar"); }));
  EXPECT_TRUE(is_seen([&] { write("entities.json", "[ ]"); }));
  EXPECT_TRUE(is_seen([&] { fs::remove(folder_ / "entities.json"); }));
  EXPECT_FALSE(is_seen([&] { write("rules/notes.txt", "x"); }));
}

TEST_F(TenantFiles, AFingerprintShowsAFileOfTheSameSizeAndTime) {
  EXPECT_TRUE(is_seen([&] {
    const auto time = fs::last_write_time(folder_ / "rules/a.cedar");
    write("rules/draft", "permit (principal, action, resourc );");
    fs::last_write_time(folder_ / "rules/draft", time);
    fs::rename(folder_ / "rules/draft", folder_ / "rules/a.cedar");
  }));
}

TEST_F(TenantFiles, AFingerprintFollowsLinks) {
  fs::create_directory(folder_ / "one");
  fs::create_directory(folder_ / "two");
  write("one/x.cedar", "");
  write("two/x.cedar", "");
  fs::create_symlink("one", folder_ / "data");
  fs::create_symlink("../data/x.cedar", folder_ / "rules/x.cedar");
  EXPECT_TRUE(is_seen([&] {
    fs::create_symlink("two", folder_ / "next");
    fs::rename(folder_ / "next", folder_ / "data");
  }));
}

TEST_F(TenantFiles, AFolderThatCannotBeListedHasAFingerprintOfItsOwn) {
  EXPECT_TRUE(is_seen([&] { fs::rename(folder_ / "rules", folder_ / "away"); }));
  EXPECT_NE(take_fingerprint(tenant_), Fingerprint());
}

TEST_F(TenantFiles, AFileThatIsOpenForWritingIsFound) {
  EXPECT_FALSE(is_being_written(take_fingerprint(tenant_)));
  {
    const std::ofstream writer(folder_ / "rules/a.cedar", std::ios::app);
    EXPECT_TRUE(is_being_written(take_fingerprint(tenant_)));
  }
  EXPECT_FALSE(is_being_written(take_fingerprint(tenant_)));
}

TEST_F(TenantFiles, ReadsThemAll) {
  const auto sources = read_tenant(tenant_);
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->policies.size(), 1);
  EXPECT_EQ(sources->schemas.size(), 1);
  EXPECT_TRUE(sources->entities);
  tenant_.entities = "-";
  tenant_.standard_input = "[7]";
  EXPECT_EQ(read_tenant(tenant_)->entities->text, "[7]");
  tenant_.schema = folder_ / "nothing";
  EXPECT_FALSE(read_tenant(tenant_));
}

}  // namespace
}  // namespace wardlock::server
