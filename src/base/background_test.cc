#include "base/background.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace wardlock {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(GiveWayToOthers, IsOfTheCallingThreadAlone) {
  const int before = niceness();
  int of_thread = before;
  std::thread([&] {
    give_way_to_others();
    of_thread = niceness();
  }).join();
  EXPECT_GE(of_thread, before);
  EXPECT_GE(of_thread, 10);
  EXPECT_EQ(niceness(), before);
}

TEST(GiveWayAtOnce, IsMoreThanGivingWayAndOfTheCallingThreadAlone) {
  const int before = niceness();
  int of_thread = before;
  std::thread([&] {
    give_way_at_once();
    of_thread = niceness();
  }).join();
  EXPECT_EQ(of_thread, 19);
  EXPECT_EQ(niceness(), before);
}

}  // namespace
}  // namespace wardlock
