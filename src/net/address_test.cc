#include "net/address.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

TEST(Address, knows_loopback) {
  for (const auto address :
       {"127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
}

TEST(Address, takes_nothing_else_for_loopback) {
  for (const auto address :
       {"", "localhost", "0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "127.1", "127.0.0.1:80", "[::1]",
        "127.0.0.1 ", " 127.0.0.1", "0127.0.0.1", "::127.0.0.1", "::ffff:10.0.0.1", "fe80::1",
        "127.0.0.1.example.org", "2130706433"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace wardlock::net
