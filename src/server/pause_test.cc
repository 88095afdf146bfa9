#include "server/pause.h"

#include <gtest/gtest.h>

#include <thread>

namespace wardlock::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(PauseTest, EndsWithItsTimeAndWithTheWordToStop) {
  Pause pause;
  std::stop_source source;
  EXPECT_TRUE(pause.wait(source.get_token(), milliseconds(1)));
  const std::jthread stopper([&] { source.request_stop(); });
  EXPECT_FALSE(pause.wait(source.get_token(), hours(1)));
  EXPECT_FALSE(pause.wait_until_woken(source.get_token(), hours(1)));
}

TEST(PauseTest, WhoWasWokenBeforeItSleptDoesNotSleep) {
  Pause pause;
  const std::stop_source source;
  pause.wake();
  pause.wake();
  EXPECT_TRUE(pause.wait_until_woken(source.get_token(), hours(1)));
  const std::jthread waker([&] { pause.wake(); });
  EXPECT_TRUE(pause.wait_until_woken(source.get_token(), hours(1)));
}

TEST(PauseTest, WhoIsNotWokenGoesOnWhenTheTimeIsOver) {
  Pause pause;
  const std::stop_source source;
  EXPECT_TRUE(pause.wait_until_woken(source.get_token(), milliseconds(1)));
}

TEST(PauseTest, ATimeIsNotCutShortByWhoWakes) {
  Pause pause;
  const std::stop_source source;
  pause.wake();
  EXPECT_TRUE(pause.wait(source.get_token(), milliseconds(1)));
  EXPECT_TRUE(pause.wait_until_woken(source.get_token(), hours(1))) << "it was woken meanwhile";
}

}  // namespace
}  // namespace wardlock::server
