#include "storage/store.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/store_for_test.h"

namespace wardlock::storage {
namespace {

constexpr std::array<Migration, 1> kTables{{
    {"things",
     "CREATE TABLE thing(id TEXT PRIMARY KEY, seq BIGINT, bytes BYTES, CHECK (seq < 1000000)) "
     "STRICT;"
     "CREATE TABLE part(name TEXT PRIMARY KEY, of_thing TEXT NOT NULL REFERENCES thing(id)) STRICT;"
     "CREATE TABLE big(value BIGINT NOT NULL) STRICT"},
}};

class StoreTest : public OnEachDatabase {
 protected:
  StoreTest() : store_(open(kTables)) {}

  /// The error of a statement.
  Error refused(std::string_view sql, std::span<const Parameter> parameters = {}) {
    const auto written = store_->write([&](Work& work) -> Result<void> {
      TRY(work.run(sql, parameters));
      return {};
    });
    EXPECT_FALSE(written) << sql;
    return written ? Error{} : written.error();
  }

  std::unique_ptr<Store> store_;
};
WARDLOCK_ON_EACH_DATABASE(StoreTest);

TEST_P(StoreTest, ValuesComeBackAsTheyWere) {
  constexpr std::array<std::uint8_t, 4> kBytes = {0, 1, 255, '\''};
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  const std::string text = "Änne 'O\" Hara \\ $1 ?1 \U0001F3E5";
  write(*store_, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO thing VALUES ($1, $2, $3)", text, kLeast, Parameter(kBytes)));
    TRY(work.run("INSERT INTO thing VALUES ($1, $2, $3)", "", nullptr,
                 std::vector<std::uint8_t>()));
    TRY(work.run("INSERT INTO thing VALUES ($1, $2, $3)", "true", true,
                 std::optional<std::int64_t>()));
    return {};
  });
  const auto read = store_->read([&](Work& work) -> Result<void> {
    const Rows rows = TRY(work.query("SELECT id, seq, bytes FROM thing ORDER BY id"));
    EXPECT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].text(0), "");
    EXPECT_FALSE(rows[0].is_null(0));
    EXPECT_TRUE(rows[0].is_null(1));
    EXPECT_FALSE(rows[0].is_null(2));
    EXPECT_TRUE(rows[0].bytes(2).empty());
    EXPECT_EQ(rows[1].text(0), "true");
    EXPECT_EQ(rows[1].integer(1), 1);
    EXPECT_TRUE(rows[1].is_null(2));
    EXPECT_EQ(rows[2].text(0), text);
    EXPECT_EQ(rows[2].integer(1), kLeast);
    EXPECT_TRUE(std::ranges::equal(rows[2].bytes(2), kBytes));
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
}

TEST_P(StoreTest, IntegersAreAsLargeAsTheyCome) {
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::max(), std::int64_t{-1},
                                   std::int64_t{1} << 31, std::int64_t{0}}) {
    write(*store_, [&](Work& work) -> Result<void> {
      TRY(work.run("DELETE FROM big"));
      TRY(work.run("INSERT INTO big VALUES ($1)", value));
      const Rows rows = TRY(work.query("SELECT value, value = $1, value - $1 FROM big", value));
      EXPECT_EQ(rows.front().integer(0), value);
      EXPECT_EQ(rows.front().integer(1), 1);
      EXPECT_EQ(rows.front().integer(2), 0);
      return {};
    });
  }
}

TEST_P(StoreTest, ParametersGoByTheirNumbers) {
  write(*store_, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO thing(seq, id) VALUES ($2, $1)", "a", 7));
    const Rows rows = TRY(work.query(
        "SELECT id FROM thing WHERE seq = $3 AND id = $2 AND $1 = $1 AND id <> $1", "b", "a", 7));
    EXPECT_EQ(rows.size(), 1U);
    return {};
  });
}

TEST_P(StoreTest, ListsOfParametersAreTakenAsWell) {
  const std::vector<Parameter> row = {"a", 5, nullptr};
  write(*store_, [&](Work& work) -> Result<void> {
    EXPECT_EQ(TRY(work.run("INSERT INTO thing VALUES ($1, $2, $3)", row)), 1U);
    EXPECT_EQ(TRY(work.query("SELECT id FROM thing WHERE id = $1", std::span(row).first(1))).size(),
              1U);
    return {};
  });
}

TEST_P(StoreTest, TheSameStatementTakesValuesOfOtherTypes) {
  constexpr std::string_view kInsert = "INSERT INTO thing(id, seq) VALUES ($1, $2)";
  write(*store_, [&](Work& work) -> Result<void> {
    TRY(work.run(kInsert, "a", nullptr));
    TRY(work.run(kInsert, "b", 5));
    TRY(work.run(kInsert, "c", std::optional<int>()));
    return {};
  });
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM thing WHERE seq IS NULL"), 2);
}

TEST_P(StoreTest, CountsTheRowsThatItChanged) {
  write(*store_, [&](Work& work) -> Result<void> {
    EXPECT_EQ(TRY(work.run("INSERT INTO thing(id, seq) VALUES ('a', 1), ('b', 1), ('c', 2)")), 3U);
    EXPECT_EQ(TRY(work.run("UPDATE thing SET seq = 3 WHERE seq = $1", 1)), 2U);
    EXPECT_EQ(TRY(work.run("DELETE FROM thing WHERE seq = $1", 1)), 0U);
    EXPECT_EQ(TRY(work.run("INSERT INTO thing(id) VALUES ('a') ON CONFLICT DO NOTHING")), 0U);
    return {};
  });
}

TEST_P(StoreTest, AnswersWhatItInserted) {
  write(*store_, [&](Work& work) -> Result<void> {
    const Rows rows = TRY(work.query(
        "INSERT INTO thing(id, seq) SELECT $1, coalesce(max(seq), 0) + 1 FROM thing RETURNING seq",
        "a"));
    EXPECT_EQ(rows.front().integer(0), 1);
    TRY(
        work.run("INSERT INTO thing(id, seq) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seq = "
                 "excluded.seq",
                 "a", 9));
    return {};
  });
  EXPECT_EQ(number(*store_, "SELECT seq FROM thing"), 9);
}

TEST_P(StoreTest, TextIsOrderedByItsBytes) {
  write(*store_, "INSERT INTO thing(id) VALUES ('b'), ('B'), ('ä'), ('a'), ('a b'), ('a-b'), ('')");
  std::string all;
  const auto read = store_->read([&](Work& work) -> Result<void> {
    for (const Row row : TRY(work.query("SELECT id FROM thing ORDER BY id"))) {
      all += std::string(row.text(0)) + "|";
    }
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(all, "|B|a|a b|a-b|b|ä|");
}

TEST_P(StoreTest, AnErrorUndoesAll) {
  const auto written = store_->write([&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO thing(id) VALUES ('a')"));
    return fail(ErrorCode::kPermissionDenied, "not today");
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(written.error().message, "not today");
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM thing"), 0);
}

TEST_P(StoreTest, TheFirstErrorEndsTheWork) {
  const auto written = store_->write([&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO thing(id) VALUES ('a')"));
    EXPECT_FALSE(work.run("INSERT INTO thing(id) VALUES ('a')"));
    const auto next = work.run("INSERT INTO thing(id) VALUES ('b')");
    EXPECT_FALSE(next);
    EXPECT_EQ(next.error().code, ErrorCode::kAlreadyExists);
    EXPECT_FALSE(work.query("SELECT 1"));
    return {};  // as if nothing had happened
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM thing"), 0);
}

TEST_P(StoreTest, ARowThatIsThereIsNamedByItsTableAlone) {
  write(*store_, "INSERT INTO thing(id) VALUES ('Anna Muster')");
  const std::array<Parameter, 1> id = {"Anna Muster"};
  const Error error = refused("INSERT INTO thing(id) VALUES ($1)", id);
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(error.message.contains("thing")) << error.message;
  EXPECT_FALSE(error.message.contains("Muster")) << error.message;
}

TEST_P(StoreTest, OtherConstraintsStandAgainstIt) {
  for (const std::string_view sql : {"INSERT INTO part VALUES ('a', 'nowhere')",
                                     "INSERT INTO thing(id, seq) VALUES ('a', 1000000)",
                                     "INSERT INTO part(name) VALUES ('a')"}) {
    EXPECT_EQ(refused(sql).code, ErrorCode::kFailedPrecondition) << sql;
  }
}

TEST_P(StoreTest, AColumnKeepsToItsType) {
  constexpr std::array<std::uint8_t, 1> kByte = {65};
  const std::array<Parameter, 1> text = {"abc"}, bytes = {Parameter(kByte)};
  EXPECT_NE(refused("INSERT INTO big VALUES ($1)", text).code, ErrorCode::kUnavailable);
  EXPECT_NE(refused("INSERT INTO big VALUES ($1)", bytes).code, ErrorCode::kUnavailable);
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM big"), 0);
}

TEST_P(StoreTest, TextIsUtf8WithoutNul) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"a\0b"sv, "\0"sv, "\xff"sv, "a\xc3"sv, "\xed\xa0\x80"sv}) {
    const std::array<Parameter, 1> id = {text};
    EXPECT_EQ(refused("INSERT INTO thing(id) VALUES ($1)", id).code, ErrorCode::kInvalidArgument);
  }
}

TEST_P(StoreTest, WhatReadsChangesNothing) {
  const auto run = store_->read([](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO thing(id) VALUES ('a')"));
    return {};
  });
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ErrorCode::kFailedPrecondition);
  const auto asked = store_->read([](Work& work) -> Result<void> {
    TRY(work.query("INSERT INTO thing(id) VALUES ('a') RETURNING id"));
    return {};
  });
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM thing"), 0);
}

TEST_P(StoreTest, WrongSqlIsOurMistake) {
  const std::array<Parameter, 1> one = {1};
  const std::array<Parameter, 2> two = {1, 2};
  EXPECT_EQ(refused("INSERT INTO nowhere VALUES (1)").code, ErrorCode::kInternal);
  EXPECT_EQ(refused("INSERT INTO").code, ErrorCode::kInternal);
  EXPECT_EQ(refused("SELECT 1; SELECT 2").code, ErrorCode::kInternal);
  EXPECT_EQ(refused("DELETE FROM big WHERE value = $1").code, ErrorCode::kInternal);
  EXPECT_EQ(refused("DELETE FROM big WHERE value = $2", one).code, ErrorCode::kInternal);
  if (!is_postgresql()) {  // which does not mind
    EXPECT_EQ(refused("DELETE FROM big WHERE value = $1", two).code, ErrorCode::kInternal);
  }
  const auto fraction = store_->read([](Work& work) -> Result<void> {
    TRY(work.query("SELECT 1.5"));
    return {};
  });
  ASSERT_FALSE(fraction);
  EXPECT_EQ(fraction.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(fraction.error().message.contains("CAST")) << fraction.error().message;
}

TEST_P(StoreTest, ManyStatementsMayBeUsed) {
  write(*store_, "INSERT INTO big VALUES (5)");
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(number(*store_, "SELECT value + " + std::to_string(i) + " FROM big"), i + 5);
  }
}

void insert_numbers(Store& store, int count) {
  write(store, [count](Work& work) -> Result<void> {
    for (int i = 0; i < count; ++i) TRY(work.run("INSERT INTO big VALUES ($1)", i));
    return {};
  });
}

TEST_P(StoreTest, RowsAreVisitedOneByOne) {
  constexpr int kRows = 2500;
  insert_numbers(*store_, kRows);
  std::int64_t sum = 0, others = 0;
  const auto read = store_->read([&](Work& work) -> Result<void> {
    const std::array<Parameter, 1> from = {1};
    return work.each("SELECT value FROM big WHERE value >= $1 ORDER BY value", from,
                     [&](Row row) -> Result<void> {
                       sum += row.integer(0);
                       if (row.integer(0) % 500 != 0) return {};
                       // Another statement, and the same once more.
                       TRY(work.query("SELECT count(*) FROM thing"));
                       return work.each("SELECT value FROM big WHERE value >= $1 ORDER BY value",
                                        from, [&](Row) -> Result<void> {
                                          ++others;
                                          return {};
                                        });
                     });
  });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(sum, kRows * (kRows - 1) / 2);
  EXPECT_EQ(others, 4 * (kRows - 1));
}

TEST_P(StoreTest, AVisitMayEndIt) {
  insert_numbers(*store_, 10);
  int visited = 0;
  const auto read = store_->read([&](Work& work) {
    return work.each("SELECT value FROM big", {}, [&](Row) -> Result<void> {
      if (++visited == 3) return fail(ErrorCode::kCancelled, "enough");
      return {};
    });
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "enough");
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM big"), 10) << "and it can be used again";
}

TEST_P(StoreTest, AReaderSeesOneMoment) {
  write(*store_, "INSERT INTO big VALUES (1)");
  const auto read = store_->read([&](Work& work) -> Result<void> {
    EXPECT_EQ(TRY(work.query("SELECT count(*) FROM big")).front().integer(0), 1);
    write(*store_, "INSERT INTO big VALUES (2)");
    EXPECT_EQ(TRY(work.query("SELECT count(*) FROM big")).front().integer(0), 1);
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM big"), 2);
}

TEST_P(StoreTest, OneWritesAtATimeSoThatNumbersHaveNoGaps) {
  constexpr int kThreads = 4, kWrites = 25;
  const std::unique_ptr<Store> other = open(kTables);  // as another process has
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Store& store = i % 2 == 0 ? *store_ : *other;
      for (int j = 0; j < kWrites; ++j) {
        const auto written = store.write([](Work& work) -> Result<void> {
          TRY(work.run("INSERT INTO big SELECT coalesce(max(value), 0) + 1 FROM big"));
          return {};
        });
        if (!written) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(number(*store_, "SELECT count(DISTINCT value) FROM big"), kThreads * kWrites);
  EXPECT_EQ(number(*store_, "SELECT max(value) FROM big"), kThreads * kWrites);
}

TEST_P(StoreTest, WhoWritesAgainAndAgainKeepsNobodyOut) {
  const auto store = open(kTables);
  std::atomic<int> written = 0;
  int written_before_other = -1;
  std::thread other;
  const auto write_slowly = [&](Work&) -> Result<void> {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the other comes meanwhile
    ++written;
    return {};
  };
  ASSERT_TRUE(store->write([&](Work& work) -> Result<void> {
    other = std::thread([&] {
      write(*store, [&](Work&) -> Result<void> {
        written_before_other = written;
        return {};
      });
    });
    return write_slowly(work);
  }));
  for (int i = 0; i < 5; ++i) write(*store, write_slowly);
  other.join();
  EXPECT_EQ(written_before_other, 1) << "it was next";
}

TEST_P(StoreTest, WhoWritesTooLongIsNotWaitedFor) {
  const std::unique_ptr<Store> other =
      open(kTables, {.url = "", .busy_timeout = std::chrono::milliseconds(100)});
  write(*store_, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO big VALUES (1)"));
    bool is_called = false;
    const auto written = other->write([&](Work&) -> Result<void> {
      is_called = true;
      return {};
    });
    EXPECT_FALSE(written);
    if (!written) {
      EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
    }
    EXPECT_FALSE(is_called);
    return {};
  });
  write(*other, "INSERT INTO big VALUES (2)");
  EXPECT_EQ(number(*other, "SELECT count(*) FROM big"), 2);
}

TEST_P(StoreTest, SoManyReadAtATime) {
  const std::unique_ptr<Store> store =
      open(kTables, {.url = "", .busy_timeout = std::chrono::milliseconds(50), .readers = 1});
  const auto ask = [](Work& work) -> Result<void> {
    TRY(work.query("SELECT 1"));
    return {};
  };
  const auto read = store->read([&](Work&) -> Result<void> {
    const auto second = store->read(ask);
    EXPECT_FALSE(second);
    if (!second) {
      EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    }
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_TRUE(store->read(ask));
}

TEST_P(StoreTest, WhatWasCommittedIsThereWhenItIsOpenedAgain) {
  write(*store_, "INSERT INTO big VALUES (42)");
  store_.reset();
  store_ = open(kTables);
  EXPECT_EQ(number(*store_, "SELECT value FROM big"), 42);
  EXPECT_TRUE(store_->check());
  EXPECT_EQ(store_->is_postgresql(), is_postgresql());
}

TEST_P(StoreTest, NothingIsReadOrWrittenAfterAnErrorInBetween) {
  EXPECT_EQ(refused("INSERT INTO nowhere VALUES (1)").code, ErrorCode::kInternal);
  write(*store_, "INSERT INTO big VALUES (1)");
  EXPECT_EQ(number(*store_, "SELECT count(*) FROM big"), 1) << "it goes on after an error";
}

}  // namespace
}  // namespace wardlock::storage
