#include "authn/network_range.h"

#include <gtest/gtest.h>

namespace wardlock::authn {
namespace {

bool is_in(std::string_view network, std::string_view address) {
  return NetworkRange::parse(network).value().contains(address);
}

TEST(NetworkRange, HasAddressesThatBeginAlike) {
  EXPECT_TRUE(is_in("10.20.0.0/16", "10.20.255.1"));
  EXPECT_TRUE(is_in("10.20.128.0/17", "10.20.128.0"));
  EXPECT_TRUE(is_in("2001:db8::/32", "2001:db8:1::5"));
  EXPECT_TRUE(is_in("0.0.0.0/0", "192.0.2.1"));
  EXPECT_TRUE(is_in("192.0.2.1", "192.0.2.1"));
}

TEST(NetworkRange, HasNoOthers) {
  EXPECT_FALSE(is_in("10.20.0.0/16", "10.21.0.0"));
  EXPECT_FALSE(is_in("10.20.128.0/17", "10.20.127.255"));
  EXPECT_FALSE(is_in("192.0.2.1", "192.0.2.2"));
  EXPECT_FALSE(is_in("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(is_in("::/0", "none"));
  EXPECT_FALSE(is_in("10.20.0.0/16", ""));
  EXPECT_FALSE(is_in("10.20.0.0/16", "010.20.0.1"));
}

TEST(NetworkRange, TakesMappedAddressesForIpv4) {
  EXPECT_TRUE(is_in("10.20.0.0/16", "::ffff:10.20.1.1"));
}

TEST(NetworkRange, RefusesWhatIsNone) {
  for (const char* text : {"", "/", "10.20.0.0/", "10.20.0.0/33", "10.20.0.0/-1", "10.20.0.0/ 8",
                           "10.20.0.0/8x", "10.20.1.0/16", "10.20", "2001:db8::/129",
                           "2001:db8::1/32", "example.org", "10.20.0.0/16/16", "*"}) {
    EXPECT_FALSE(NetworkRange::parse(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::authn
