#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "storage/store.h"
#include "storage/store_for_test.h"

// Killed at any moment, in steps of a millisecond from the beginning of each operation to its end.

namespace wardlock::storage {
namespace {

constexpr int kRows = 2000;
constexpr std::array<Migration, 2> kTables{
    {{"t", "CREATE TABLE t(i BIGINT, s TEXT) STRICT"},
     {"rows",
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO t SELECT i, 'a row of some length, so that there are many pages' FROM n"}}};

class SqliteKill : public testing::Test {
 protected:
  SqliteKill() {
    std::string name = "/tmp/wardlock-kill-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~SqliteKill() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  StoreOptions options(const std::string& name) const { return {.url = "sqlite:" + path(name)}; }
  std::unique_ptr<Store> open(const std::string& name) const {
    auto store = Store::open(options(name), kTables);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }

  std::string folder_;
};

/// Whether it was killed before it had ended.
bool kill_after(std::chrono::milliseconds time, const std::function<bool()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  std::this_thread::sleep_for(time);
  ::kill(child, SIGKILL);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

/// `check` after `work` was killed ever later, until it had time to end.
void kill_ever_later(const std::function<bool()>& work, const std::function<void()>& check) {
  int killed = 0;
  for (bool is_killed = true; is_killed; ++killed) {
    is_killed = kill_after(std::chrono::milliseconds(killed), work);
    check();
  }
  EXPECT_GT(killed, 1) << "else nothing was killed";
}

TEST_F(SqliteKill, AMigrationIsDoneOrNot) {
  int next = 0;
  const auto name = [&] { return std::to_string(next) + ".db"; };
  const auto work = [&] { return Store::open(options(name()), kTables).has_value(); };
  kill_ever_later(work, [&] {
    const std::unique_ptr<Store> store = open(name());
    ++next;
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(number(*store, "SELECT count(*) FROM t"), kRows);
  });
}

TEST_F(SqliteKill, ABackupIsWholeOrNotThere) {
  open("live.db");
  int next = 0;
  const auto name = [&] { return "backup-" + std::to_string(next) + ".db"; };
  const auto work = [&] { return open("live.db")->back_up(path(name())).has_value(); };
  kill_ever_later(work, [&] {
    if (std::filesystem::exists(path(name()))) {
      EXPECT_EQ(number(*open(name()), "SELECT count(*) FROM t"), kRows);
    }
    ++next;
  });
}

TEST_F(SqliteKill, ARestoreIsDoneOrNot) {
  {
    const std::unique_ptr<Store> store = open("live.db");
    ASSERT_TRUE(store->back_up(path("backup.db")));
    write(*store, "DELETE FROM t WHERE i > 1");
  }
  const auto work = [&] {
    return restore(path("backup.db"), options("live.db"), kTables,
                   [](Store& store) {
                     write(store, "DELETE FROM t WHERE i = 2000");
                     return Result<void>();
                   })
        .has_value();
  };
  kill_ever_later(work, [&] {
    const std::unique_ptr<Store> store = open("live.db");
    ASSERT_NE(store, nullptr);
    const std::int64_t rows = number(*store, "SELECT count(*) FROM t");
    EXPECT_TRUE(rows == 1 || rows == kRows - 1) << rows;
    write(*store, "DELETE FROM t WHERE i > 1");
  });
}

}  // namespace
}  // namespace wardlock::storage
