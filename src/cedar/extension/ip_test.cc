#include <gtest/gtest.h>

#include <string>

#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

IpAddress ip(std::string_view text) {
  const auto parsed = parse_ip(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress{});
}

TEST(ParseIp, ReadsV4) {
  EXPECT_EQ(ip("1.2.3.4"), (IpAddress{Bytes{1, 2, 3, 4}, 32, false}));
  EXPECT_EQ(ip("0.0.0.0"), (IpAddress{Bytes{}, 32, false}));
  EXPECT_EQ(ip("255.255.255.255"), (IpAddress{Bytes{255, 255, 255, 255}, 32, false}));
  EXPECT_EQ(ip("1.2.3.4/24"), (IpAddress{Bytes{1, 2, 3, 4}, 24, false}));
  EXPECT_EQ(ip("1.2.3.4/0"), (IpAddress{Bytes{1, 2, 3, 4}, 0, false}));
}

TEST(ParseIp, ReadsV6) {
  const Bytes full{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xAB, 0xCD};
  EXPECT_EQ(ip("1:2:3:4:5:6:7:abcd"), (IpAddress{full, 128, true}));
  EXPECT_EQ(ip("0001:2:3:4:5:6:7:ABCD/128"), (IpAddress{full, 128, true}));
  EXPECT_EQ(ip("1:2:3:4:5:6:7:abcd/0"), (IpAddress{full, 0, true}));
}

TEST(ParseIp, ReadsOneGap) {
  EXPECT_EQ(ip("::"), ip("0:0:0:0:0:0:0:0"));
  EXPECT_EQ(ip("::1"), ip("0:0:0:0:0:0:0:1"));
  EXPECT_EQ(ip("1::"), ip("1:0:0:0:0:0:0:0"));
  EXPECT_EQ(ip("1::8"), ip("1:0:0:0:0:0:0:8"));
  EXPECT_EQ(ip("1:2::7:8"), ip("1:2:0:0:0:0:7:8"));
  EXPECT_EQ(ip("1:2:3:4:5:6:7::"), ip("1:2:3:4:5:6:7:0"));
  EXPECT_EQ(ip("::2:3:4:5:6:7:8"), ip("0:2:3:4:5:6:7:8"));
  EXPECT_EQ(ip("1:2:3::5:6:7:8"), ip("1:2:3:0:5:6:7:8"));
  EXPECT_EQ(ip("1::/16"), ip("1:0:0:0:0:0:0:0/16"));
}

TEST(ParseIp, HostBitsAndPrefixCount) {
  EXPECT_EQ(ip("1.2.3.4"), ip("1.2.3.4/32"));
  EXPECT_NE(ip("1.2.3.4/24"), ip("1.2.3.0/24"));
  EXPECT_NE(ip("1.2.3.0/24"), ip("1.2.3.0"));
  EXPECT_NE(ip("0.0.0.0/32"), ip("::/32"));
}

TEST(ParseIp, AllowsUpTo43Bytes) {
  const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128";
  ASSERT_EQ(longest.size(), 43U);
  EXPECT_TRUE(parse_ip(longest));
  EXPECT_FALSE(parse_ip("0" + longest));
}

TEST(ParseIp, RefusesOtherV4) {
  for (const std::string_view text :
       {"",           " ",          "1",         "1.2.3",     "1.2.3.",
        ".1.2.3",     "1..2.3",     "1.2.3.4.5", "1.2.3.256", "1.2.3.999",
        "1.2.3.1000", "1.2.3.04",   "1.2.3.00",  "01.2.3.4",  "1.2.3.-4",
        "1.2.3.+4",   "1.2.3.0x4",  "1.2.3.a",   " 1.2.3.4",  "1.2.3.4 ",
        "1.2.3.4\n",  "1.2.3.4:80", "localhost", "1,2,3,4",   "\xD9\xA3.2.3.4",
        "1.2.3.4.in"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

TEST(ParseIp, RefusesOtherV6) {
  for (const std::string_view text : {":",
                                      ":::",
                                      "::::",
                                      "1:",
                                      ":1",
                                      "1:2",
                                      "1:::3",
                                      ":1::3",
                                      "1::3:",
                                      "1::2::3",
                                      "::1::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:",
                                      ":2:3:4:5:6:7:8",
                                      "1:2:3:4:5:6:7:8:",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "1:2:3:4::5:6:7:8",
                                      "1:2:3:4:5:6:7:8:9",
                                      "12345::",
                                      "00001::",
                                      "g::",
                                      "-1::",
                                      "::1%eth0",
                                      "[::1]",
                                      "[::1]:80",
                                      " ::1",
                                      "::1 ",
                                      "::1\n"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

TEST(ParseIp, RefusesV4InsideV6) {
  for (const std::string_view text :
       {"::ffff:1.2.3.4", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1.2.3.4::", "::ffff:1.2.3.4/96"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

TEST(ParseIp, RefusesOtherPrefixes) {
  for (const std::string_view prefix :
       {"/", "/33", "/99", "/256", "/4294967296", "/00", "/08", "/024", "/-1", "/+8", "/ 8", "/8 ",
        "/8/8", "//8", "/a", "/0x8", "/255.255.255.0"}) {
    EXPECT_FALSE(parse_ip("1.2.3.4" + std::string(prefix))) << prefix;
  }
  for (const std::string_view prefix : {"/", "/129", "/256", "/00", "/064", "/0128", "/-1"}) {
    EXPECT_FALSE(parse_ip("::1" + std::string(prefix))) << prefix;
  }
  EXPECT_FALSE(parse_ip("/8"));
}

TEST(IsLoopback, NeedsTheWholeRange) {
  for (const std::string_view text :
       {"127.0.0.1", "127.255.255.255", "127.0.0.1/8", "::1", "::1/128"}) {
    EXPECT_TRUE(is_loopback(ip(text))) << text;
  }
  for (const std::string_view text :
       {"127.0.0.1/7", "127.0.0.1/0", "126.255.255.255", "128.0.0.0", "::1/127", "::1/0", "::2",
        "::", "1::1", "::1:1", "7f00::1"}) {
    EXPECT_FALSE(is_loopback(ip(text))) << text;
  }
}

TEST(IsMulticast, NeedsTheWholeRange) {
  for (const std::string_view text :
       {"224.0.0.0", "239.255.255.255", "224.0.0.1/4", "ff00::", "ffff::1", "ff00::/8"}) {
    EXPECT_TRUE(is_multicast(ip(text))) << text;
  }
  for (const std::string_view text : {"223.255.255.255", "240.0.0.0", "224.0.0.1/3", "224.0.0.1/0",
                                      "feff::", "fe00::", "ff::", "ff00::/7", "e000::"}) {
    EXPECT_FALSE(is_multicast(ip(text))) << text;
  }
}

struct RangeCase {
  std::string_view inner;
  std::string_view outer;
};

TEST(IsInRange, HoldsWhenEveryAddressIsInside) {
  const RangeCase cases[] = {
      {"10.0.0.1", "10.0.0.0/24"},
      {"10.0.0.255", "10.0.0.0/24"},
      {"10.0.0.1/24", "10.0.0.77/24"},
      {"10.0.0.1/25", "10.0.0.0/24"},
      {"10.0.0.1", "10.0.0.1"},
      {"255.255.255.255", "0.0.0.0/0"},
      {"0.0.0.0/0", "1.1.1.1/0"},
      {"::1", "::/0"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4::/64"},
      {"1:2:3:5:5:6:7:8", "1:2:3:4::/63"},
      {"1:2:3:4::/64", "1:2:3:4::1/64"},
  };
  for (const RangeCase& c : cases) {
    EXPECT_TRUE(is_in_range(ip(c.inner), ip(c.outer))) << c.inner << " in " << c.outer;
  }
}

TEST(IsInRange, FailsWhenAnyAddressIsOutside) {
  const RangeCase cases[] = {
      {"10.0.1.0", "10.0.0.0/24"},
      {"9.255.255.255", "10.0.0.0/8"},
      {"10.0.0.1/23", "10.0.0.0/24"},
      {"10.0.1.1/23", "10.0.0.0/24"},
      {"10.0.0.1", "10.0.0.2"},
      {"10.0.0.0/31", "10.0.0.0"},
      {"0.0.0.0/0", "0.0.0.0/1"},
      {"128.0.0.0", "0.0.0.0/1"},
      {"1:2:3:6:5:6:7:8", "1:2:3:4::/63"},
      {"::/0", "::/1"},
      {"::2", "::1"},
  };
  for (const RangeCase& c : cases) {
    EXPECT_FALSE(is_in_range(ip(c.inner), ip(c.outer))) << c.inner << " in " << c.outer;
  }
}

TEST(IsInRange, NeverCrossesFamilies) {
  EXPECT_FALSE(is_in_range(ip("1.1.1.1"), ip("::/0")));
  EXPECT_FALSE(is_in_range(ip("::1"), ip("0.0.0.0/0")));
  EXPECT_FALSE(is_in_range(ip("0.0.0.0/0"), ip("::/0")));
}

}  // namespace
}  // namespace wardlock::cedar
