#include "net/loopback_guard.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

int status_for(std::vector<HttpHeader> headers) {
  const auto refusal = refuse_foreign_site({.headers = std::move(headers)});
  return refusal ? refusal->status : 200;
}

TEST(LoopbackGuard, lets_local_programs_and_pages_through) {
  for (const auto host : {"127.0.0.1", "127.0.0.1:8180", "[::1]", "[::1]:8180", "localhost",
                          "localhost:8180", "LOCALHOST:1"}) {
    EXPECT_EQ(status_for({{"Host", host}}), 200) << host;
    const std::string origin = std::string("http://") + host;
    EXPECT_EQ(status_for({{"Host", host}, {"Origin", origin}}), 200) << origin;
  }
}

TEST(LoopbackGuard, lets_configured_names_through) {
  const std::vector<std::string> names = {"pdp.example.org"};
  const auto status = [&](const char* host) {
    const auto refusal = refuse_foreign_site({.headers = {{"Host", host}}}, names);
    return refusal ? refusal->status : 200;
  };
  for (const char* host : {"pdp.example.org", "PDP.example.org:443", "localhost"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
  for (const char* host : {"", "example.org", "xpdp.example.org", "pdp.example.org.evil",
                           "pdp.example.org:x", "pdp.example.or"}) {
    EXPECT_EQ(status(host), 421) << host;
  }
}

TEST(LoopbackGuard, refuses_names_that_were_rebound) {
  for (const auto host :
       {"", "evil.example", "evil.example:8180", "localhost.evil.example", "127.0.0.1.evil.example",
        "evil.localhost", "127.0.0.1:8180:1", "127.0.0.1:", "localhost:80a", "localhost:123456",
        "::1", "[::1", "[::1]x", "[::2]", "127.0.0.2", "0.0.0.0", "10.0.0.1", "localhost.", "x"}) {
    EXPECT_EQ(status_for({{"Host", host}}), 421) << host;
  }
  EXPECT_EQ(status_for({}), 421);
}

TEST(LoopbackGuard, refuses_pages_of_other_origins) {
  for (const auto origin :
       {"http://evil.example", "https://evil.example", "null", "", "http://localhost",
        "http://localhost:3000", "https://localhost:8180", "http://127.0.0.1:8180",
        "http://localhost:8180.evil.example", "http://localhost:8180/", "localhost:8180"}) {
    EXPECT_EQ(status_for({{"Host", "localhost:8180"}, {"Origin", origin}}), 403) << origin;
  }
}

}  // namespace
}  // namespace wardlock::net
