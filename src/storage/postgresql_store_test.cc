#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "storage/postgresql_connection.h"
#include "storage/postgresql_for_test.h"
#include "storage/postgresql_url.h"
#include "storage/store.h"
#include "storage/store_for_test.h"

namespace wardlock::storage {
namespace {

using std::chrono::milliseconds;

constexpr std::array<Migration, 1> kTables{
    {{"t", "CREATE TABLE t(i BIGINT PRIMARY KEY, s TEXT) STRICT"}}};

class PostgresqlStore : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_postgresql_tested()) GTEST_SKIP() << "runs with WARDLOCK_TEST_POSTGRESQL";
  }
  void TearDown() override {
    if (!is_postgresql_tested()) return;
    shared_postgresql().thaw();
    shared_postgresql().start();
  }

  static std::unique_ptr<Store> open(const std::string& url, milliseconds busy_timeout) {
    auto store = Store::open({.url = url, .busy_timeout = busy_timeout}, kTables);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  static Error refused(const std::string& url) {
    const auto store = Store::open({.url = url, .busy_timeout = milliseconds(300)}, kTables);
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
};

Result<void> insert(Store& store, std::int64_t i) {
  return store.write([i](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t(i) VALUES ($1)", i));
    TRY(work.run("UPDATE t SET s = 'whole' WHERE i = $1", i));
    return {};
  });
}

bool is_there(const Store& store, std::int64_t i) {
  return number(store, "SELECT count(*) FROM t WHERE i = " + std::to_string(i)) == 1;
}

TEST_F(PostgresqlStore, AServerThatWasRestartedIsFoundAgain) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(20'000));
  ASSERT_TRUE(insert(*store, 1));
  EXPECT_TRUE(is_there(*store, 1));
  server.kill();
  EXPECT_FALSE(store->check());
  server.start();
  EXPECT_TRUE(store->check()) << "without anything else in between";
  EXPECT_TRUE(is_there(*store, 1));
  const auto written = insert(*store, 2);
  EXPECT_TRUE(written) << written.error().message;
}

TEST_F(PostgresqlStore, WhoCannotBeReachedIsSaidToBe) {
  PostgresqlForTest& server = shared_postgresql();
  const std::string url = server.new_database();
  const std::unique_ptr<Store> store = open(url, milliseconds(300));
  server.kill();
  const auto begun = std::chrono::steady_clock::now();
  const auto written = insert(*store, 1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(written.error().message.contains("postgresql://")) << written.error().message;
  EXPECT_FALSE(written.error().message.contains('\n')) << written.error().message;
  const auto read = store->read([](Work& work) -> Result<void> {
    TRY(work.query("SELECT 1"));
    return {};
  });
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused(url).code, ErrorCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(PostgresqlStore, NothingIsLostOrHalfDoneWhenItIsKilledOverAndOver) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(20'000));
  std::atomic<bool> is_over = false;
  std::atomic<std::int64_t> confirmed = 0;
  std::vector<std::int64_t> lost;
  std::thread writer([&] {
    for (std::int64_t i = 1; !is_over; ++i) {
      const auto written = insert(*store, i);
      if (written) {
        ++confirmed;
        continue;
      }
      // The only failure that there may be: we cannot know.
      EXPECT_EQ(written.error().code, ErrorCode::kUnknown) << written.error().message;
      lost.push_back(i);
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::int64_t before = confirmed;
    while (confirmed < before + 20) std::this_thread::sleep_for(milliseconds(1));
    server.kill();
    server.start();
  }
  is_over = true;
  writer.join();
  const std::int64_t rows = number(*store, "SELECT count(*) FROM t");
  EXPECT_GE(rows, confirmed);
  EXPECT_LE(rows, confirmed + static_cast<std::int64_t>(lost.size()));
  EXPECT_EQ(number(*store, "SELECT count(*) FROM t WHERE s IS NULL"), 0);
}

TEST_F(PostgresqlStore, AServerThatStandsStillIsNotWaitedForForEver) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(300));
  ASSERT_TRUE(insert(*store, 1));
  EXPECT_TRUE(is_there(*store, 1));
  server.freeze();
  const auto begun = std::chrono::steady_clock::now();
  const auto written = insert(*store, 2);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable) << written.error().message;
  EXPECT_FALSE(store->check());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  server.thaw();
  for (int i = 0; i < 50 && !store->check(); ++i) std::this_thread::sleep_for(milliseconds(50));
  EXPECT_FALSE(is_there(*store, 2));
  EXPECT_TRUE(insert(*store, 3));
}

TEST_F(PostgresqlStore, ACommitWithoutAnAnswerIsUnknown) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(300));
  const auto written = store->write([&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t(i) VALUES (1)"));
    server.freeze();
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnknown) << written.error().message;
  EXPECT_TRUE(written.error().message.contains("may be there or not")) << written.error().message;
  server.thaw();
}

TEST_F(PostgresqlStore, WhatOthersChangedMeanwhileMakesItRunAgain) {
  const std::string url = shared_postgresql().new_database();
  const std::unique_ptr<Store> store = open(url, milliseconds(5000));
  write(*store, "INSERT INTO t VALUES (1, 'a')");
  auto stranger = PostgresqlConnection::open(url, milliseconds(5000));  // takes no turn
  ASSERT_TRUE(stranger);
  int runs = 0;
  write(*store, [&](Work& work) -> Result<void> {
    const std::string before(TRY(work.query("SELECT s FROM t")).front().text(0));
    if (++runs == 1) {
      EXPECT_TRUE(stranger->run_script("UPDATE t SET s = s || 'b'"));
    }
    TRY(work.run("UPDATE t SET s = $1", before + "c"));
    return {};
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(text(*store, "SELECT s FROM t"), "abc");
}

TEST_F(PostgresqlStore, WhatIsLargerThanABufferGoesThrough) {
  const std::unique_ptr<Store> store = open(shared_postgresql().new_database(), milliseconds(5000));
  const std::string large(8'000'000, 'x');
  write(*store, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t VALUES (1, $1)", large));
    return {};
  });
  EXPECT_EQ(text(*store, "SELECT s FROM t"), large);
}

TEST_F(PostgresqlStore, WhoListensHearsAgainAfterARestart) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(20'000));
  std::atomic<int> heard = 0;
  const auto listening = store->listen("feed", [&] { ++heard; });
  ASSERT_TRUE(listening);
  server.kill();
  server.start();
  const auto hears = [&](int more_than) {
    for (int i = 0; i < 500 && heard <= more_than; ++i)
      std::this_thread::sleep_for(milliseconds(10));
    return heard > more_than;
  };
  EXPECT_TRUE(hears(0)) << "something may have been missed";
  const int before = heard;
  write(*store, [](Work& work) -> Result<void> {
    work.notify("feed");
    return {};
  });
  EXPECT_TRUE(hears(before));
}

TEST_F(PostgresqlStore, ListeningEndsWhileTheServerIsAway) {
  PostgresqlForTest& server = shared_postgresql();
  const std::unique_ptr<Store> store = open(server.new_database(), milliseconds(300));
  auto listening = store->listen("feed", [] {});
  ASSERT_TRUE(listening);
  server.kill();
  std::this_thread::sleep_for(milliseconds(50));
  listening->reset();
  EXPECT_FALSE(store->listen("feed", [] {}));
}

TEST_F(PostgresqlStore, ADatabaseThatIsNotUtf8IsRefused) {
  const std::string url =
      shared_postgresql().new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  const Error error = refused(url);
  EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(error.message.contains("UTF-8")) << error.message;
}

TEST_F(PostgresqlStore, WhatIsNotThereIsNamed) {
  const Error error = refused(shared_postgresql().url("no_such_database"));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(error.message.contains("no_such_database")) << error.message;
}

TEST_F(PostgresqlStore, CommittedMeansOnDiskWhateverTheServerSays) {
  const std::string url = shared_postgresql().new_database();
  {
    const std::unique_ptr<Store> store = open(url, milliseconds(5000));
    write(*store,
          "ALTER DATABASE " + url.substr(14, url.find('?') - 14) + " SET synchronous_commit = off");
  }
  const std::unique_ptr<Store> store = open(url, milliseconds(5000));
  constexpr std::string_view kAsk = "SELECT current_setting('synchronous_commit')";
  EXPECT_EQ(text(*store, kAsk), "on");
  for (const auto& [durability, set] :
       {std::pair(Durability::kFull, "on"), std::pair(Durability::kNormal, "off"),
        std::pair(Durability::kFull, "on")}) {
    std::string found;
    const auto asked = [&](Work& work) -> Result<void> {
      found = TRY(work.query(kAsk)).front().text(0);
      return {};
    };
    ASSERT_TRUE(store->write(asked, durability));
    EXPECT_EQ(found, set);
  }
}

TEST_F(PostgresqlStore, ItsOwnToolsBackItUp) {
  const std::string url = shared_postgresql().new_database();
  const std::unique_ptr<Store> store = open(url, milliseconds(5000));
  const auto done = store->back_up("/tmp/never-made");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnimplemented);
  EXPECT_TRUE(done.error().message.contains("pg_dump")) << done.error().message;
  const auto restored = restore("/tmp/never-made", {.url = url}, kTables);
  ASSERT_FALSE(restored);
  EXPECT_TRUE(restored.error().message.contains("pg_restore")) << restored.error().message;
}

TEST(PostgresqlUrl, IsNamedWithoutUserAndPassword) {
  const auto url = parse_postgresql_url("postgresql://anna:s3cret@db.example:5433/wardlock");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->name, "postgresql://db.example:5433/wardlock");
  EXPECT_FALSE(url->is_on_this_machine);
}

TEST(PostgresqlUrl, TheFaultOfOneDoesNotRepeatIt) {
  for (const std::string wrong : {"postgresql://anna:s3cret@%zz/db", "postgresql://h/db?s3cret=1",
                                  "postgresql://[s3cret/db"}) {
    const auto url = parse_postgresql_url(wrong);
    ASSERT_FALSE(url) << wrong;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(url.error().message.contains("s3cret")) << url.error().message;
  }
}

TEST(PostgresqlUrl, KnowsWhatIsOnThisMachine) {
  for (const std::string local :
       {"postgresql:///db", "postgresql:///db?host=/run/pg", "postgresql://localhost/db",
        "postgresql://[::1]/db", "postgresql://127.0.0.1:5432,localhost/db"}) {
    EXPECT_TRUE(parse_postgresql_url(local)->is_on_this_machine) << local;
  }
  for (const std::string remote :
       {"postgresql://db.example/db", "postgresql://localhost,db.example/db",
        "postgresql://localhost/db?hostaddr=192.0.2.1", "postgresql://127.0.0.1.evil.example/db",
        "postgresql:///db?host=/run/pg,192.0.2.1"}) {
    EXPECT_FALSE(parse_postgresql_url(remote)->is_on_this_machine) << remote;
  }
}

TEST(PostgresqlUrl, IsNotOnThisMachineWhereSomethingElseSaysWhereItIs) {
  EXPECT_FALSE(parse_postgresql_url("postgresql://?service=hospital")->is_on_this_machine);
  for (const char* const name : {"PGHOST", "PGHOSTADDR", "PGSERVICE"}) {
    ::setenv(name, "192.0.2.1", 1);
    const auto url = parse_postgresql_url("postgresql:///db");
    ::unsetenv(name);
    ASSERT_TRUE(url) << name;
    EXPECT_FALSE(url->is_on_this_machine) << name;
  }
  ::setenv("PGHOST", "192.0.2.1", 1);
  const auto local = parse_postgresql_url("postgresql://localhost/db");
  ::unsetenv("PGHOST");
  EXPECT_TRUE(local->is_on_this_machine) << "the URL says where";
}

}  // namespace
}  // namespace wardlock::storage
