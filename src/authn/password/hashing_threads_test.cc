#include "authn/password/hashing_threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "authn/password/password_verifier.h"

namespace wardlock::authn {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(HashingThreads, DoItElsewhereAtLowPriorityAndAreWaitedFor) {
  HashingThreads threads(1);
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id there = here;
  int nice = 0;
  threads.run([&] {
    there = std::this_thread::get_id();
    nice = niceness();
  });
  EXPECT_NE(there, here);
  EXPECT_EQ(nice, 19);
  EXPECT_LT(niceness(), 19);
}

TEST(HashingThreads, AreNoMoreAtOnceThanThereAre) {
  HashingThreads threads(2);
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  std::vector<std::jthread> asking;
  for (int i = 0; i < 8; ++i) {
    asking.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        threads.run([&] {
          const int now = ++at_once;
          int seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --at_once;
          ++done;
        });
      }
    });
  }
  asking.clear();
  EXPECT_EQ(done, 8 * 50);
  EXPECT_LE(most, 2);
}

TEST(HashingThreads, HashForAVerifierAndNobodyElseDoes) {
  HashingThreads threads(1);
  const crypto::Argon2idCost cost{.passes = 3, .memory_kib = 12'288};
  const PasswordVerifier verifier(cost, &threads);
  auto password = prepare_password(Secret("correct horse battery staple"), {});
  ASSERT_TRUE(password.has_value());
  const std::string hash = verifier.hash(*password);
  std::promise<void> begun;
  std::promise<void> let_go;
  const std::jthread before([&] {
    threads.run([&] {
      begun.set_value();
      let_go.get_future().wait();
    });
  });
  begun.get_future().wait();
  auto verdict = std::async(std::launch::async, [&] { return verifier.verify(hash, *password); });
  EXPECT_EQ(verdict.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  let_go.set_value();
  EXPECT_TRUE(verdict.get().is_right);
  EXPECT_TRUE(PasswordVerifier(cost).verify(hash, *password).is_right);
}

}  // namespace
}  // namespace wardlock::authn
