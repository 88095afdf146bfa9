#include "net/peer_counts.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

boost::asio::ip::address at(const char* text) { return boost::asio::ip::make_address(text); }

TEST(PeerCounts, LetsNobodyHaveMoreThanHisShare) {
  PeerCounts peers(2);
  const auto first = peers.enter(at("192.0.2.1"));
  auto second = peers.enter(at("192.0.2.1"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(peers.enter(at("192.0.2.1")));
  EXPECT_TRUE(peers.enter(at("192.0.2.2"))) << "others are not concerned";
  {
    const PeerCounts::Place moved = *std::move(second);
    second.reset();
    EXPECT_FALSE(peers.enter(at("192.0.2.1"))) << "it only moved";
  }
  const auto third = peers.enter(at("192.0.2.1"));
  EXPECT_TRUE(third);
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
