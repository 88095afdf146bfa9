#include "secrets/secret_table.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>

#include "storage/store_for_test.h"

namespace wardlock::secrets {
namespace {

using crypto::SymmetricKey;
using storage::name_of;
using storage::tested_databases;
using storage::Work;

constexpr std::array kTables = {kSecretTable};
constexpr std::int64_t kNow = 1'800'000'000'000;

Sealer sealer(std::initializer_list<SymmetricKey> keys) {
  return Sealer::make(std::span(keys.begin(), keys.size())).value();
}

class SecretTableTest : public storage::OnEachDatabase {
 protected:
  void put(std::string_view name, std::string_view text, std::optional<std::int64_t> until = {}) {
    storage::write(*store_, [&](Work& work) {
      return table_.put(work, {"st-mary", "answer", name}, text, until);
    });
  }
  /// So many, from `0` on.
  void put_many(int count) {
    storage::write(*store_, [&](Work& work) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        const std::string name = std::to_string(i);
        TRY_VOID(table_.put(work, {"st-mary", "answer", name}, "text " + name));
      }
      return {};
    });
  }
  Result<std::optional<std::string>> find(std::string_view name, std::int64_t now = kNow,
                                          std::string_view tenant = "st-mary") {
    std::optional<std::string> found;
    const auto read = store_->read([&](Work& work) -> Result<void> {
      found = TRY(table_.find(work, {tenant, "answer", name}, now));
      return {};
    });
    TRY_VOID(read);
    return found;
  }
  Resealed reseal() {
    const auto resealed = table_.reseal(*store_, {});
    EXPECT_TRUE(resealed) << resealed.error().message;
    return resealed.value();
  }

  SymmetricKey old_ = SymmetricKey::random();
  SymmetricKey new_ = SymmetricKey::random();
  std::unique_ptr<storage::Store> store_ = open(kTables);
  SecretTable table_{sealer({old_})};
};
WARDLOCK_ON_EACH_DATABASE(SecretTableTest);

TEST_P(SecretTableTest, KeepsWhatItWasGiven) {
  put("1", "one");
  put("2", std::string("\0two", 4));
  put("1", "another");
  EXPECT_EQ(find("1").value(), "another");
  EXPECT_EQ(find("2").value(), std::string("\0two", 4));
  EXPECT_EQ(find("3").value(), std::nullopt);
  EXPECT_EQ(find("1", kNow, "st-john").value(), std::nullopt);
}

TEST_P(SecretTableTest, KeepsNothingOfAWorkThatFails) {
  EXPECT_FALSE(store_->write([&](Work& work) -> Result<void> {
    TRY_VOID(table_.put(work, {"st-mary", "answer", "1"}, "one"));
    return invalid("no");
  }));
  EXPECT_EQ(find("1").value(), std::nullopt);
}

TEST_P(SecretTableTest, WhatItIsForMustBeSaid) {
  const auto put = [&](const Place& place) {
    return store_->write([&](Work& work) { return table_.put(work, place, "text"); });
  };
  EXPECT_EQ(put({"", "answer", "1"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(put({"st-mary", "answer", std::string(513, 'x')}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_P(SecretTableTest, ForgetsWhenItsTimeIsOver) {
  put("1", "one", kNow + 10);
  put("2", "two");
  EXPECT_EQ(find("1", kNow + 9).value(), "one");
  EXPECT_EQ(find("1", kNow + 10).value(), std::nullopt);
  std::uint64_t erased = 0;
  storage::write(*store_, [&](Work& work) -> Result<void> {
    erased = TRY(table_.erase_expired(work, kNow + 10));
    return {};
  });
  EXPECT_EQ(erased, 1U);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM secret"), 1);
}

TEST_P(SecretTableTest, Erases) {
  put("1", "one");
  storage::write(*store_, [&](Work& work) -> Result<void> {
    EXPECT_TRUE(TRY(table_.erase(work, {"st-mary", "answer", "1"})));
    EXPECT_FALSE(TRY(table_.erase(work, {"st-mary", "answer", "1"})));
    return {};
  });
  EXPECT_EQ(find("1").value(), std::nullopt);
}

TEST_P(SecretTableTest, ARowThatWasMovedIsNoAnswer) {
  put("1", "one");
  storage::write(*store_, "UPDATE secret SET name = '2'");
  EXPECT_EQ(find("2").error().code, ErrorCode::kDataLoss);
  storage::write(*store_, "UPDATE secret SET name = '1', tenant = 'st-john'");
  EXPECT_EQ(find("1", kNow, "st-john").error().code, ErrorCode::kDataLoss);
}

TEST_P(SecretTableTest, NewKeysTakeOverWithoutAStop) {
  put_many(250);
  table_.use(sealer({new_, old_}));
  put("fresh", "fresh");
  EXPECT_EQ(find("7").value(), "text 7") << "what is sealed under the old key opens";
  EXPECT_EQ(table_.uses(*store_).value().size(), 2U);
  const Resealed resealed = reseal();
  EXPECT_EQ(resealed.done, 250U);
  EXPECT_EQ(resealed.failed, 0U);
  const auto uses = table_.uses(*store_).value();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].key_id, key_id(new_));
  EXPECT_EQ(uses[0].secrets, 251U);
  table_.use(sealer({new_}));
  EXPECT_EQ(find("249").value(), "text 249");
  EXPECT_EQ(reseal().done, 0U);
}

TEST_P(SecretTableTest, SealingAnewGoesOnWhereItStopped) {
  put_many(250);
  table_.use(sealer({new_, old_}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(table_.reseal(*store_, stop.get_token()).value().done, 0U);
  put_many(100);  // what was done before it stopped
  EXPECT_EQ(table_.uses(*store_).value().size(), 2U);
  SecretTable restarted(sealer({new_, old_}));
  EXPECT_EQ(restarted.reseal(*store_, {}).value().done, 150U);
  EXPECT_EQ(restarted.uses(*store_).value().size(), 1U);
}

TEST_P(SecretTableTest, OthersWriteMeanwhile) {
  put_many(300);
  table_.use(sealer({new_, old_}));
  {
    const std::jthread sealing([&] { EXPECT_TRUE(table_.reseal(*store_, {})); });
    for (int i = 299; i >= 0; i -= 3) put(std::to_string(i), "new text");
  }
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    ASSERT_EQ(find(name).value(), i % 3 == 2 ? "new text" : "text " + name);
  }
}

TEST_P(SecretTableTest, WhatCannotBeOpenedStopsNothing) {
  put_many(120);
  storage::write(*store_, "UPDATE secret SET name = 'moved' WHERE name = '110'");
  table_.use(sealer({new_, old_}));
  const Resealed resealed = reseal();
  EXPECT_EQ(resealed.done, 119U);
  EXPECT_EQ(resealed.failed, 1U);
  EXPECT_TRUE(resealed.first_fault.contains("`moved` of `answer`")) << resealed.first_fault;
  EXPECT_EQ(table_.uses(*store_).value().size(), 2U) << "it stays as it is";
}

TEST_P(SecretTableTest, ALostKeyShowsAtTheStart) {
  EXPECT_TRUE(table_.check_keys(*store_));
  put("1", "one");
  EXPECT_TRUE(table_.check_keys(*store_));
  const SecretTable without(sealer({new_}));
  const auto checked = without.check_keys(*store_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(checked.error().message.contains("1 under `" + key_id(old_) + "`"))
      << checked.error().message;
}

}  // namespace
}  // namespace wardlock::secrets
