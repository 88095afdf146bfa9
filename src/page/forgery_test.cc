#include "page/forgery.h"

#include <gtest/gtest.h>

#include <vector>

#include "page/protection.h"

namespace wardlock::page {
namespace {

constexpr std::string_view kBase = "https://wardlock.example:8443/st-mary";

std::optional<Forgery> refused(std::vector<net::HttpHeader> headers) {
  return refuse_other_site({.method = "POST", .headers = std::move(headers)}, kBase);
}

TEST(Forgery, IsNotWhatAPageOfThisOriginSends) {
  EXPECT_FALSE(refused({{"Origin", "https://wardlock.example:8443"}}));
  EXPECT_FALSE(refused({{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_FALSE(
      refused({{"Origin", "https://wardlock.example:8443"}, {"Sec-Fetch-Site", "same-origin"}}));
}

TEST(Forgery, IsWhatAnotherOriginSends) {
  for (const char* origin : {"null", "", "https://wardlock.example", "http://wardlock.example:8443",
                             "https://wardlock.example:8443.evil.example", "https://evil.example",
                             "https://wardlock.example:8443/", "https://a.wardlock.example:8443"}) {
    EXPECT_EQ(refused({{"Origin", origin}}), Forgery::kOtherSite) << origin;
    EXPECT_EQ(refused({{"Origin", origin}, {"Sec-Fetch-Site", "same-origin"}}), Forgery::kOtherSite)
        << origin;
  }
}

TEST(Forgery, IsWhatTheBrowserSaysComesFromElsewhere) {
  for (const char* site : {"cross-site", "same-site", "none", "", "SAME-ORIGIN"}) {
    EXPECT_EQ(refused({{"Sec-Fetch-Site", site}}), Forgery::kOtherSite) << site;
    EXPECT_EQ(refused({{"Origin", "https://wardlock.example:8443"}, {"Sec-Fetch-Site", site}}),
              Forgery::kOtherSite)
        << site;
  }
}

TEST(Forgery, IsWhatSaysNothingOfWhereItComesFrom) { EXPECT_EQ(refused({}), Forgery::kOtherSite); }

TEST(FormTokens, AreGoodForWhomTheyWereMade) {
  const FormTokens tokens{crypto::HmacKey("a key")};
  const std::string token = tokens.make("session", "s1");
  EXPECT_TRUE(tokens.is_right(token, "session", "s1"));
  EXPECT_FALSE(tokens.is_right(token, "session", "s2"));
  EXPECT_FALSE(tokens.is_right(token, "browser", "s1"));
  EXPECT_FALSE(tokens.is_right("", "session", "s1"));
  EXPECT_FALSE(tokens.is_right(token + "A", "session", "s1"));
  EXPECT_FALSE(FormTokens(crypto::HmacKey("another")).is_right(token, "session", "s1"));
}

TEST(FormTokens, OfNobodyAreNotGood) {
  const FormTokens tokens{crypto::HmacKey("a key")};
  EXPECT_FALSE(tokens.is_right(tokens.make("browser", ""), "browser", ""));
}

std::string field(const net::HttpResponse& response, std::string_view name) {
  for (const auto& each : response.headers) {
    if (net::equal_ignoring_case(each.name, name)) return each.value;
  }
  return {};
}

TEST(Protection, AllowsNothingInlineAndNoFrame) {
  net::HttpResponse response;
  write_page(200, "<p>", response);
  const std::string csp = field(response, "Content-Security-Policy");
  EXPECT_EQ(csp.find("unsafe"), std::string::npos);
  for (const char* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'",
                           "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"}) {
    EXPECT_NE(csp.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(field(response, "X-Frame-Options"), "DENY");
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
  // With `no-referrer` browsers say `Origin: null`, and our own forms would be refused.
  EXPECT_EQ(field(response, "Referrer-Policy"), "same-origin");
}

TEST(ProtectionDeathTest, LeadsNowhereElse) {
  net::HttpResponse response;
  go_to("/st-mary/account", response);
  EXPECT_EQ(response.status, 303);
  EXPECT_EQ(field(response, "Location"), "/st-mary/account");
  for (const char* path : {"//evil.example", "/\\evil.example", "https://evil.example", ""}) {
    EXPECT_DEATH(go_to(path, response), "") << path;
  }
}

}  // namespace
}  // namespace wardlock::page
