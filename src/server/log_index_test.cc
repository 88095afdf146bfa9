#include "server/log_index.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "audit/keys/folder_for_test.h"
#include "audit/log/log_folder.h"

namespace wardlock::server {
namespace {

using namespace std::chrono_literals;

/// The log of a server, without the server.
class LogIndexTest : public testing::Test {
 protected:
  void open() {
    auto opened = AuditLog::open({.directory = folder_.path("log"),
                                  .keys = folder_.path("keys"),
                                  .origin = "wardlock.test/log",
                                  .is_immutable = false,
                                  .segment_bytes = std::size_t{1} << 20});
    ASSERT_TRUE(opened) << opened.error().message;
    audit_ = *std::move(opened);
    index_.emplace(*audit_, log_);
  }
  void close() {
    index_.reset();
    audit_.reset();
  }
  void record(std::string_view patient) {
    const auto recorded = audit_->record_now({.tenant = "st-mary", .patient = patient});
    ASSERT_TRUE(recorded) << recorded.error().message;
  }
  /// How many records of the patient are found, or why not.
  Result<std::size_t> count(const std::string& patient) {
    std::promise<Result<std::size_t>> found;
    const bool is_asked = index_->ask([&](const Result<audit_api::Indexed>& indexed) {
      if (!indexed) return found.set_value(std::unexpected(indexed.error()));
      const auto page =
          indexed->index.find({.tenant = "st-mary", .patient = patient}, indexed->keys);
      found.set_value(page->sequences.size());
    });
    EXPECT_TRUE(is_asked);
    return found.get_future().get();
  }
  std::string index_path() const { return audit::LogPaths(folder_.path("log")).index(); }
  template <typename Check>
  static bool eventually(Check check) {
    for (int i = 0; i < 1000; ++i) {
      if (check()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  audit::FolderForTest folder_;
  Log log_{config::Log()};
  std::unique_ptr<AuditLog> audit_;
  std::optional<LogIndex> index_;
};

TEST_F(LogIndexTest, what_was_durable_when_it_was_asked_is_found) {
  open();
  for (std::size_t i = 1; i <= 20; ++i) {
    record("p-1");
    EXPECT_EQ(count("p-1"), i);
  }
  EXPECT_EQ(count("p-2"), 0U);
}

TEST_F(LogIndexTest, follows_by_itself) {
  open();
  record("p-1");
  EXPECT_TRUE(eventually([&] { return index_->indexed() == audit_->log().head().size; }));
  record("p-1");
  EXPECT_TRUE(eventually([&] { return index_->indexed() == 2; }));
}

TEST_F(LogIndexTest, takes_only_so_much) {
  open();
  std::promise<void> may_go_on, has_begun;
  ASSERT_TRUE(index_->ask([&](const Result<audit_api::Indexed>&) {
    has_begun.set_value();
    may_go_on.get_future().wait();
  }));
  has_begun.get_future().wait();
  int taken = 0;
  std::atomic<int> done = 0;
  while (taken < 100 && index_->ask([&](const Result<audit_api::Indexed>&) { ++done; })) ++taken;
  EXPECT_EQ(taken, 16);
  EXPECT_EQ(done, 0);
  may_go_on.set_value();
  EXPECT_TRUE(eventually([&] { return done == 16; }));
  EXPECT_TRUE(count("p-1")) << "there is room again";
}

TEST_F(LogIndexTest, ends_while_somebody_waits) {
  open();
  std::promise<void> has_begun;
  ASSERT_TRUE(index_->ask([&](const Result<audit_api::Indexed>&) {
    has_begun.set_value();
    std::this_thread::sleep_for(50ms);
  }));
  std::atomic<int> done = 0;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(index_->ask([&](const Result<audit_api::Indexed>&) { ++done; }));
  }
  has_begun.get_future().wait();
  close();
  EXPECT_LT(done, 10);
}

TEST_F(LogIndexTest, a_damaged_or_foreign_index_is_made_anew) {
  open();
  record("p-1");
  EXPECT_EQ(count("p-1"), 1U);
  close();
  std::ofstream(index_path()) << std::string(5000, 'x');
  open();
  record("p-1");
  EXPECT_EQ(count("p-1"), 2U);
  close();
  ASSERT_TRUE(audit::Index::remove(index_path()));
  ASSERT_TRUE(audit::Index::open({.path = index_path(), .origin = "another log"}));
  open();
  EXPECT_EQ(count("p-1"), 2U);
}

TEST_F(LogIndexTest, an_index_of_records_that_the_log_has_not_is_made_anew) {
  open();
  for (int i = 0; i < 3; ++i) record("p-1");
  EXPECT_EQ(count("p-1"), 3U);
  close();
  std::filesystem::copy(index_path(), folder_.path("index.db"));
  std::filesystem::remove_all(folder_.path("log"));
  std::filesystem::remove(folder_.path("keys/log.checkpoint"));  // another log is what is meant
  open();
  record("p-2");
  close();
  std::filesystem::copy(folder_.path("index.db"), index_path(),
                        std::filesystem::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(count("p-1"), 0U);
  EXPECT_EQ(count("p-2"), 1U);
}

TEST_F(LogIndexTest, says_why_it_cannot_be_used) {
  open();
  record("p-1");
  close();
  ASSERT_TRUE(audit::Index::remove(index_path()));
  std::filesystem::create_directories(index_path() + "/not empty");
  open();
  const auto counted = count("p-1");
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code, ErrorCode::kUnavailable);
  std::filesystem::remove_all(index_path());
  EXPECT_EQ(count("p-1"), 1U) << "it is tried again";
}

TEST_F(LogIndexTest, what_was_erased_is_not_found) {
  open();
  record("p-1");
  record("p-2");
  EXPECT_EQ(count("p-1"), 1U);
  ASSERT_TRUE(audit_->keys().erase({"st-mary", "Patient", "p-1"}, 1));
  EXPECT_EQ(count("p-1"), 0U);
  EXPECT_EQ(count("p-2"), 1U);
}

}  // namespace
}  // namespace wardlock::server
