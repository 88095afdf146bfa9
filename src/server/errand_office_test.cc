#include "server/errand_office.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace wardlock::server {
namespace {

/// An office with one thread, which is kept busy until it is let go.
class ErrandOfficeTest : public testing::Test {
 protected:
  void open(const ErrandOffice::Options& options) {
    office_.emplace(options);
    std::promise<void> begun;
    ASSERT_TRUE(office_->ask("first", 0, [&begun, free = free_] {
      begun.set_value();
      free.wait();
    }));
    begun.get_future().wait();
  }
  bool ask(const std::string& asker, std::size_t bytes = 0) {
    return office_->ask(asker, bytes, [done = done_, asker] { done->push_back(asker); });
  }
  /// What was asked for so far is done.
  void finish() {
    let_go_.set_value();
    std::promise<void> last;
    while (!office_->ask("last", 0, [&] { last.set_value(); })) std::this_thread::yield();
    last.get_future().wait();
  }

  std::promise<void> let_go_;
  std::shared_future<void> free_ = let_go_.get_future().share();
  std::shared_ptr<std::vector<std::string>> done_ = std::make_shared<std::vector<std::string>>();
  std::optional<ErrandOffice> office_;
};

TEST_F(ErrandOfficeTest, DoesWhatItIsAskedInTurn) {
  open({.threads = 1});
  for (const char* asker : {"a", "b", "a"}) EXPECT_TRUE(ask(asker));
  EXPECT_EQ(office_->waiting(), 3U);
  finish();
  EXPECT_EQ(*done_, (std::vector<std::string>{"a", "b", "a"}));
  EXPECT_EQ(office_->waiting(), 0U);
}

TEST_F(ErrandOfficeTest, AnAskerHasAQuarterOfTheRoom) {
  open({.threads = 1, .most_waiting = 16});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask("a")) << i;
  EXPECT_FALSE(ask("a"));
  for (const char* other : {"b", "c", "d"}) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask(other)) << other << i;
  }
  EXPECT_FALSE(ask("e")) << "it is full";
  finish();
  EXPECT_EQ(done_->size(), 16U);
  EXPECT_TRUE(ask("a")) << "there is room again";
}

TEST_F(ErrandOfficeTest, WhatIsBeingDoneIsOfTheAskersShare) {
  open({.threads = 1, .most_waiting = 8});
  EXPECT_TRUE(ask("first"));
  EXPECT_FALSE(ask("first")) << "one is being done";
  finish();
  EXPECT_TRUE(ask("first"));
}

TEST_F(ErrandOfficeTest, HoldsNoMoreThanItsMemory) {
  open({.threads = 1, .most_bytes = 100});
  EXPECT_TRUE(ask("a", 60));
  EXPECT_FALSE(ask("b", 41));
  EXPECT_TRUE(ask("b", 40));
  EXPECT_FALSE(ask("c", 1));
  finish();
  EXPECT_TRUE(ask("c", 100)) << "what was done is held no more";
}

TEST_F(ErrandOfficeTest, DropsWhatWaitsWhenItCloses) {
  open({.threads = 1});
  const auto held = std::make_shared<int>(0);
  ASSERT_TRUE(office_->ask("a", 0, [done = done_, held] { done->push_back("a"); }));
  auto closing = std::async(std::launch::async, [this] { office_.reset(); });
  while (held.use_count() > 1) std::this_thread::yield();
  let_go_.set_value();
  closing.wait();
  EXPECT_TRUE(done_->empty());
}

}  // namespace
}  // namespace wardlock::server
