#include "net/ip_network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace wardlock::net {
namespace {

struct Socket {
  explicit Socket(const std::string& text) {
    auto* four = reinterpret_cast<sockaddr_in*>(&bytes);
    auto* six = reinterpret_cast<sockaddr_in6*>(&bytes);
    if (::inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
      bytes.ss_family = AF_INET;
    } else {
      EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &six->sin6_addr), 1) << text;
      bytes.ss_family = AF_INET6;
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }

  sockaddr_storage bytes = {};
};

bool contains(const char* network, const char* address) {
  return IpNetwork::parse(network)->contains(Socket(address).get());
}

TEST(IpNetwork, HasItsAddresses) {
  EXPECT_TRUE(contains("10.20.0.0/15", "10.21.255.255"));
  EXPECT_FALSE(contains("10.20.0.0/15", "10.22.0.0"));
  EXPECT_TRUE(contains("10.1.2.3", "10.1.2.3"));
  EXPECT_FALSE(contains("10.1.2.3", "10.1.2.4"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:4860::1"));
  EXPECT_TRUE(contains("fd00::/8", "fdab::1"));
  EXPECT_FALSE(contains("fd00::/8", "fe00::1"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.9.9.9"));  // the same, written otherwise
  sockaddr_storage local = {};
  local.ss_family = AF_UNIX;
  EXPECT_FALSE(IpNetwork::parse("::/0")->contains(reinterpret_cast<sockaddr*>(&local)));
}

TEST(IpNetwork, WhatIsNoneIsNotRead) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/8/8",
        "10.1.0.0/8", "10/8", "::/129", "fd00::1/64", "host", "10.0.0.256", "[::1]"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

TEST(IpNetwork, TellsTheInternetFromTheRest) {
  for (const char* address : {"8.8.8.8", "193.170.1.1", "2001:4860:4860::8888", "2a00:1450::1",
                              "172.15.255.255", "172.32.0.0", "100.128.0.0", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public(Socket(address).get())) << address;
  }
  for (const char* address : {"0.0.0.0",       "10.0.0.1",         "100.64.0.1",
                              "127.0.0.1",     "127.9.9.9",        "169.254.169.254",
                              "172.16.0.1",    "172.31.255.255",   "192.0.0.1",
                              "192.0.2.1",     "192.88.99.1",      "192.168.1.1",
                              "198.18.0.1",    "198.19.255.255",   "198.51.100.1",
                              "203.0.113.1",   "224.0.0.1",        "239.1.1.1",
                              "240.0.0.1",     "255.255.255.255",  "::",
                              "::1",           "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                              "::10.0.0.1",    "64:ff9b::7f00:1",  "fe80::1",
                              "fc00::1",       "fd12::1",          "fec0::1",
                              "ff02::1",       "2001::1",          "2001:db8::1",
                              "2002:7f00:1::", "100::1",           "3fff::1"}) {
    EXPECT_FALSE(is_public(Socket(address).get())) << address;
  }
}

}  // namespace
}  // namespace wardlock::net
