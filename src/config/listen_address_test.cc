#include "config/listen_address.h"

#include <gtest/gtest.h>

namespace wardlock::config {
namespace {

std::string parsed(std::string_view text) {
  const auto address = parse_listen_address(text, false);
  return address ? address->text() : "refused";
}

TEST(ListenAddress, IsAPlaceOnThisMachine) {
  EXPECT_EQ(parsed("127.0.0.1:8180"), "127.0.0.1:8180");
  EXPECT_EQ(parsed("127.1.2.3:1"), "127.1.2.3:1");
  EXPECT_EQ(parsed("localhost:65535"), "127.0.0.1:65535");
  EXPECT_EQ(parsed("[::1]:8180"), "[::1]:8180");
  EXPECT_EQ(parsed("127.0.0.1:0"), "127.0.0.1:0");
}

TEST(ListenAddress, IsNotForOtherMachines) {
  for (const char* text : {"0.0.0.0:80", "[::]:80", "192.168.1.4:8180", "128.0.0.1:8180",
                           "[::2]:8180", "example.org:8180", "localhost.evil.org:8180", ":8180",
                           "*:8180", "[fe80::1]:80", "[::ffff:10.0.0.1]:80"}) {
    const auto address = parse_listen_address(text, false);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().message.find("loopback"), std::string::npos) << text;
  }
}

TEST(ListenAddress, WithTlsIsAnyAddress) {
  for (const char* text : {"0.0.0.0:8443", "[::]:8443", "192.168.1.4:1", "[fe80::1]:80"}) {
    const auto address = parse_listen_address(text, true);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
  for (const char* text :
       {"example.org:80", "256.1.1.1:80", "1.2.3:80", ":80", "[1.2.3.4]:80", "[::g]:80", "*:80"}) {
    EXPECT_FALSE(parse_listen_address(text, true)) << text;
  }
}

TEST(ListenAddress, IsWellFormed) {
  for (const char* text : {"",
                           ":",
                           "8180",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:x",
                           "localhost:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 80",
                           "127.0.0.1:80 ",
                           "127.0.0.1:80/",
                           "[::1]",
                           "[::1]:",
                           "[::1:80",
                           "::1]:80",
                           "127.0.0.1:8:0",
                           "http://127.0.0.1:80",
                           "::1:8180",
                           "[localhost]:80",
                           "[127.0.0.1]:80"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
}

}  // namespace
}  // namespace wardlock::config
