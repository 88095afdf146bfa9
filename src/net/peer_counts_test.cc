#include "net/peer_counts.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace wardlock::net {
namespace {

boost::asio::ip::address at(const char* text) { return boost::asio::ip::make_address(text); }

TEST(PeerCounts, LetsNobodyHaveMoreThanHisShare) {
  PeerCounts peers(2);
  std::vector<PeerCounts::Place> places;
  for (int i = 0; i < 2; ++i) {
    auto place = peers.enter(at("192.0.2.1"));
    ASSERT_TRUE(place);
    places.push_back(*std::move(place));  // what it was moved from is not counted
  }
  EXPECT_FALSE(peers.enter(at("192.0.2.1")));
  EXPECT_TRUE(peers.enter(at("192.0.2.2"))) << "others are not concerned";
  places.pop_back();
  const auto again = peers.enter(at("192.0.2.1"));
  EXPECT_TRUE(again);
  EXPECT_FALSE(peers.enter(at("192.0.2.1")));
}

TEST(PeerCounts, TakesANetworkOfIpv6ForOnePeer) {
  PeerCounts peers(1);
  const auto place = peers.enter(at("2001:db8:1:2::1"));
  EXPECT_TRUE(place);
  EXPECT_FALSE(peers.enter(at("2001:db8:1:2:ffff::2")));
  EXPECT_TRUE(peers.enter(at("2001:db8:1:3::1")));
}

TEST(PeerCounts, KnowsAnAddressInBothItsForms) {
  PeerCounts peers(1);
  const auto place = peers.enter(at("::ffff:192.0.2.1"));
  EXPECT_TRUE(place);
  EXPECT_FALSE(peers.enter(at("192.0.2.1")));
  EXPECT_TRUE(peers.enter(at("::192.0.2.1")));
}

}  // namespace
}  // namespace wardlock::net
