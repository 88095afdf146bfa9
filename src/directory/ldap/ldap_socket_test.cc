#include "directory/ldap/ldap_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>

namespace wardlock::directory {
namespace {

using std::chrono::milliseconds;

class LdapSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> both;
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, both.data()), 0);
    own_.emplace(both[0]);
    server_.emplace(both[1]);
  }
  int own() const { return own_->number(); }

  std::optional<Descriptor> own_, server_;
};

TEST_F(LdapSocket, WhoWaitsTooLongIsToldThatItHasEnded) {
  SocketWatch watch(own());
  watch.begin(milliseconds(20));
  char byte = 0;
  EXPECT_EQ(read(own(), &byte, 1), 0);
  EXPECT_TRUE(watch.has_ended());
}

TEST_F(LdapSocket, WhoIsAnsweredInTimeGoesOn) {
  SocketWatch watch(own());
  for (int i = 0; i < 3; ++i) {
    watch.begin(std::chrono::hours(1));
    ASSERT_EQ(write(server_->number(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(read(own(), &byte, 1), 1);
    watch.rest();
  }
  usleep(30'000);
  EXPECT_FALSE(watch.has_ended());
  EXPECT_EQ(write(own(), "x", 1), 1);
}

TEST_F(LdapSocket, IsEndedAtOnceByWhoStops) {
  SocketWatch watch(own());
  watch.begin(std::chrono::hours(1));
  watch.end();
  char byte = 0;
  EXPECT_EQ(read(own(), &byte, 1), 0);
}

TEST_F(LdapSocket, WritingToWhatHasEndedIsNoSignal) {
  const NoBrokenPipe no_broken_pipe;
  server_.reset();
  EXPECT_EQ(write(own(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST(ConnectTo, RefusesWhatDoesNotAnswer) {
  const auto refused = connect_to("127.0.0.1", 1, milliseconds(500));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().message.contains("`127.0.0.1`, port 1"));
  const auto unknown = connect_to("no.such.host.invalid", 636, milliseconds(500));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace wardlock::directory
