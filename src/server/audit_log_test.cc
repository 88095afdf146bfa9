#include "server/audit_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "audit/inspect/log_identity.h"
#include "audit/inspect/verify.h"
#include "audit/log/log_key.h"

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

class KeyExchange : public AuditLogTest {
 protected:
  KeyExchange() {
    auto audit = open();
    EXPECT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE((*audit)->record_now({.kind = event::Kind::kServiceStart}));
    first_ = (*audit)->key().text();
  }

  audit::Verification verify(const std::string& key) {
    audit::PosixFiles files;
    auto result = audit::verify_log(
        files, {.folder = folder_ + "/log", .key = merkle::VerifierKey::parse(key).value()}, {});
    EXPECT_TRUE(result) << result.error().message;
    return *std::move(result);
  }

  std::string first_;
};

TEST_F(KeyExchange, GoesOnWithAnother) {
  auto audit = open();
  ASSERT_TRUE(audit);
  const auto changed = (*audit)->change_key({.record_class = "administration"});
  ASSERT_TRUE(changed) << changed.error().message;
  const std::string second = (*audit)->key().text();
  EXPECT_NE(second, first_);
  EXPECT_TRUE((*audit)->record_now({.kind = event::Kind::kServiceStop}));
  audit->reset();
  for (const std::string& key : {first_, second}) {
    const audit::Verification result = verify(key);
    EXPECT_TRUE(result.is_whole());
    EXPECT_EQ(result.key->text(), second);
    EXPECT_EQ(result.covered, 3U);
  }
  audit = open();
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ((*audit)->key().text(), second);
  EXPECT_TRUE((*audit)->change_key({}));
  audit->reset();
  EXPECT_EQ(verify(first_).keys.size(), 3U);
}

/// It was broken off: the next start ends it, wherever it was.
TEST_F(KeyExchange, IsEndedByTheNextStart) {
  audit::PosixFiles files;
  const std::string keys = folder_ + "/keys", origin = open().value()->origin();
  ASSERT_TRUE(audit::draw_next_log_key(files, keys, origin));
  // All of it was done but that the next key was not put in place.
  std::filesystem::copy(keys, folder_ + "/keys-before");
  const std::string next = open().value()->key().text();
  EXPECT_NE(next, first_);
  for (const char* name : {"/log.key", "/log.key.next"}) {
    std::filesystem::copy(folder_ + "/keys-before" + name, keys + name,
                          std::filesystem::copy_options::overwrite_existing);
  }
  // As the log's folder was then.
  std::filesystem::remove(folder_ + "/log/key-changes");
  std::filesystem::remove(folder_ + "/log/public.key");
  auto audit = open();
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ((*audit)->key().text(), next);
  audit->reset();
  EXPECT_FALSE(std::filesystem::exists(keys + "/log.key.next"));
  EXPECT_TRUE(verify(first_).is_whole());
  EXPECT_TRUE(verify(next).is_whole());
}

/// It is elsewhere, and nobody said where: with the key before, its records could not be taken in.
TEST_F(KeyExchange, WaitsForWhatIsInASpoolThatIsNotOpen) {
  audit::PosixFiles files;
  auto audit = open();
  ASSERT_TRUE(audit) << audit.error().message;
  const std::string& origin = (*audit)->origin();
  const auto keys = audit::load_or_create_log_keys(files, folder_ + "/keys", origin);
  ASSERT_TRUE(keys);
  const auto note = [&](std::uint64_t records) {
    const merkle::Checkpoint said{
        .origin = origin + "/spool", .head = {.size = records, .root = {}}, .extensions = {}};
    EXPECT_TRUE(audit::replace_file(files, folder_ + "/keys/log.spool",
                                    merkle::sign_checkpoint(said, keys->current, 0).value()));
  };
  note(3);
  const auto changed = (*audit)->change_key({});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(changed.error().message.starts_with("3 records are in the log's spool"))
      << changed.error().message;
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/keys/log.key.next"));
  EXPECT_EQ((*audit)->key().text(), first_);
  note(0);
  EXPECT_TRUE((*audit)->change_key({}));
}

/// A copy of the keys that is put back may lack it.
TEST_F(KeyExchange, WhatLedToTheKeyIsNotForgotten) {
  auto audit = open();
  ASSERT_TRUE(audit) << audit.error().message;
  ASSERT_TRUE((*audit)->change_key({}));
  audit->reset();
  std::filesystem::remove(folder_ + "/keys/log.key-changes");
  ASSERT_TRUE(open());
  EXPECT_TRUE(verify(first_).is_whole());
  audit::PosixFiles files;
  const auto current = audit::read_public_key(files, audit::LogPaths(folder_ + "/log"));
  ASSERT_TRUE(current);
  EXPECT_TRUE(verify(current->text()).is_whole());
}

/// That is why a key is exchanged: somebody has a copy, and may write to the log's folder.
TEST_F(KeyExchange, WhatTheKeyBeforeHasSignedIsNotContinued) {
  namespace fs = std::filesystem;
  constexpr auto kAll = fs::copy_options::recursive;
  fs::copy(folder_ + "/keys", folder_ + "/stolen", kAll);
  fs::copy(folder_ + "/log", folder_ + "/forged", kAll);
  auto audit = open();
  ASSERT_TRUE(audit) << audit.error().message;
  ASSERT_TRUE((*audit)->change_key({}));
  audit->reset();
  fs::copy(folder_ + "/log", folder_ + "/right", kAll);
  // It says what the right log says of its keys, and is longer than that.
  audit::PosixFiles files;
  const std::string note =
      audit::read_file(files, folder_ + "/log/key-changes", audit::kMaxKeyChangesBytes).value();
  {
    const auto forged = AuditLog::open({.directory = folder_ + "/forged",
                                        .keys = folder_ + "/stolen",
                                        .spool_bytes = 0,
                                        .segment_bytes = std::size_t{1} << 20});
    ASSERT_TRUE(forged) << forged.error().message;
    ASSERT_TRUE((*forged)->record_now({.kind = event::Kind::kLogKeyChange, .changed = note}));
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE((*forged)->record_now({.kind = event::Kind::kServiceStop}));
    }
  }
  fs::remove_all(folder_ + "/log");
  fs::copy(folder_ + "/forged", folder_ + "/log", kAll);
  const auto opened = open();
  ASSERT_FALSE(opened) << "it would be signed with the new key";
  EXPECT_EQ(opened.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(opened.error().message.contains("given up")) << opened.error().message;

  fs::remove_all(folder_ + "/log");
  fs::copy(folder_ + "/right", folder_ + "/log", kAll);
  EXPECT_TRUE(open());
}

TEST_F(KeyExchange, IsNoneWhereOthersCouldHaveWrittenTheKey) {
  audit::PosixFiles files;
  ASSERT_TRUE(audit::draw_next_log_key(files, folder_ + "/keys", open().value()->origin()));
  ASSERT_EQ(::chmod((folder_ + "/keys/log.key.next").c_str(), 0666), 0);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("log.key.next")) << opened.error().message;
}

}  // namespace
}  // namespace wardlock::server
