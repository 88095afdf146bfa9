#include "server/audit_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace wardlock::server {
namespace {

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "audit-log-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~AuditLogTest() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<AuditLog>> open() const {
    return AuditLog::open({.directory = folder_ + "/log",
                           .keys = folder_ + "/keys",
                           .spool_bytes = 0,
                           .segment_bytes = std::size_t{1} << 20});
  }

  std::string folder_;
};

TEST_F(AuditLogTest, UsesNoKeysThatOthersCanReadOrExchange) {
  ASSERT_TRUE(open());
  const std::string keys = folder_ + "/keys";
  ASSERT_EQ(::chmod(keys.c_str(), 0755), 0);
  EXPECT_TRUE(open()) << "others may know that there are keys";
  for (const char* name : {"", "/log.key", "/master.key", "/subjects.db"}) {
    const std::string path = keys + name;
    struct stat before = {};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    for (const mode_t more : {0020U, 0002U}) {
      ASSERT_EQ(::chmod(path.c_str(), before.st_mode | more), 0);
      const auto opened = open();
      ASSERT_FALSE(opened) << path;
      EXPECT_TRUE(opened.error().message.contains("`" + path + "`; run `chmod"))
          << opened.error().message;
    }
    ASSERT_EQ(::chmod(path.c_str(), before.st_mode), 0);
  }
  EXPECT_TRUE(open());
}

/// Whoever can write the log's folder alone puts an older copy there.
TEST_F(AuditLogTest, ContinuesNoLogThatWasRolledBack) {
  namespace fs = std::filesystem;
  const auto record = [&] {
    auto audit = open();
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE((*audit)->record_now({.kind = event::Kind::kServiceStart}));
  };
  record();
  const auto all = fs::copy_options::recursive;
  fs::copy(folder_ + "/log", folder_ + "/older", all);
  record();
  fs::copy(folder_ + "/log", folder_ + "/right", all);

  fs::remove_all(folder_ + "/log");
  fs::copy(folder_ + "/older", folder_ + "/log", all);
  const auto older = open();
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(older.error().message.contains("is signed for 1 records, and 2 were"))
      << older.error().message;

  fs::remove_all(folder_ + "/log");
  fs::create_directory(folder_ + "/log");
  fs::copy(folder_ + "/right/origin", folder_ + "/log/origin");
  EXPECT_FALSE(open()) << "a new one in its place";

  fs::remove_all(folder_ + "/log");
  fs::copy(folder_ + "/right", folder_ + "/log", all);
  record();
}

}  // namespace
}  // namespace wardlock::server
