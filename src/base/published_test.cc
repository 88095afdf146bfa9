#include "base/published.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <thread>

namespace wardlock {
namespace {

/// Tells on which thread it died, and whether it did so while it was read.
struct Value {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::thread::id* died_on = nullptr;
  std::atomic<int>* alive = nullptr;

  Value(std::uint64_t number, std::atomic<int>* counter, std::thread::id* grave = nullptr)
      : first(number), second(~number), died_on(grave), alive(counter) {
    ++*alive;
  }
  ~Value() {
    first = second = 0;
    if (died_on != nullptr) *died_on = std::this_thread::get_id();
    --*alive;
  }
};

using Reader = Published<Value>::Reader;

TEST(Published, IsTheNewestValue) {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<const Value>(1, &alive));
  Reader reader(published);
  EXPECT_EQ(reader.read([](const Value& value) { return value.first; }), 1);
  published.publish(std::make_shared<const Value>(2, &alive));
  EXPECT_EQ(reader.read([](const Value& value) { return value.first; }), 2);
  EXPECT_EQ(alive, 1);
}

TEST(Published, KeepsWhatIsHeldUntilItIsCollected) {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<const Value>(1, &alive));
  Reader reader(published);
  reader.read([&](const Value& value) {
    published.publish(std::make_shared<const Value>(2, &alive));
    published.publish(std::make_shared<const Value>(3, &alive));
    published.collect();
    EXPECT_EQ(alive, 2);  // the second was never held
    EXPECT_EQ(value.second, ~std::uint64_t{1});
  });
  EXPECT_EQ(alive, 2);  // the reader freed nothing
  published.collect();
  EXPECT_EQ(alive, 1);
}

TEST(Published, ValuesDieOnThePublishersThread) {
  std::atomic<int> alive = 0;
  std::thread::id grave;
  Published<Value> published(std::make_shared<const Value>(1, &alive, &grave));
  std::thread reader([&] {
    Reader own(published);
    own.read([](const Value& value) { return value.first; });
  });
  reader.join();
  EXPECT_EQ(grave, std::thread::id());
  published.publish(std::make_shared<const Value>(2, &alive));
  EXPECT_EQ(grave, std::this_thread::get_id());
}

TEST(Published, AReaderLetsGoWhenTheUseThrows) {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<const Value>(1, &alive));
  Reader reader(published);
  EXPECT_THROW(reader.read([](const Value&) { throw 1; }), int);
  published.publish(std::make_shared<const Value>(2, &alive));
  EXPECT_EQ(alive, 1);
}

TEST(PublishedDeathTest, MisuseOfAReaderIsFound) {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<const Value>(1, &alive));
  Reader reader(published);
  const auto nested = [&] { reader.read([&](const Value&) { reader.read([](const Value&) {}); }); };
  EXPECT_DEATH(nested(), "held");
  EXPECT_DEATH(published.publish(nullptr), "nullptr");
}

TEST(Published, ManyThreadsReadWholeAndLivingValuesWhileOnePublishes) {
  std::atomic<int> alive = 0;
  constexpr std::uint64_t kValues = 20'000;
  {
    Published<Value> published(std::make_shared<const Value>(1, &alive));
    std::atomic<bool> is_done = false;
    std::atomic<int> torn = 0;
    std::atomic<int> backwards = 0;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        Reader reader(published);
        std::uint64_t last = 0;
        while (!is_done) {
          reader.read([&](const Value& value) {
            if (value.second != ~value.first) ++torn;
            if (value.first < last) ++backwards;
            last = value.first;
          });
        }
      });
    }
    for (std::uint64_t i = 2; i <= kValues; ++i) {
      published.publish(std::make_shared<const Value>(i, &alive));
      if (i % 64 == 0) std::this_thread::yield();
    }
    is_done = true;
    readers.clear();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(backwards, 0);
    published.collect();
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace wardlock
