#include "page/cookie.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::page {
namespace {

std::optional<std::string> found(std::string_view sent, bool is_secure = true,
                                 std::string_view tenant = {}) {
  const net::HttpRequest request{.headers = {{"Cookie", sent}}, .is_secure = is_secure};
  const auto value = Cookies(request, tenant).find("session");
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

TEST(Cookies, AreFoundByTheirWholeName) {
  EXPECT_EQ(found("a=b; __Host-wardlock-session=abc-_.1; c=d"), "abc-_.1");
  EXPECT_EQ(found("wardlock-session=abc", false), "abc");
  EXPECT_EQ(found("__Host-wardlock-session.st-mary=x; __Host-wardlock-session=y", true, "st-mary"),
            "x");
}

TEST(Cookies, WithoutTheHostPrefixCountForNothingOverTls) {
  EXPECT_EQ(found("wardlock-session=abc"), std::nullopt);
  EXPECT_EQ(found("__Secure-wardlock-session=abc"), std::nullopt);
  EXPECT_EQ(found("__host-wardlock-session=abc"), std::nullopt);
}

TEST(Cookies, OfAnotherTenantCountForNothing) {
  EXPECT_EQ(found("__Host-wardlock-session.other=x", true, "st-mary"), std::nullopt);
  EXPECT_EQ(found("__Host-wardlock-session=x", true, "st-mary"), std::nullopt);
}

TEST(Cookies, ThatComeTwiceCountForNothing) {
  EXPECT_EQ(found("__Host-wardlock-session=a; __Host-wardlock-session=b"), std::nullopt);
}

TEST(Cookies, WithOtherCharactersCountForNothing) {
  EXPECT_EQ(found("__Host-wardlock-session=\"a\""), std::nullopt);
  EXPECT_EQ(found("__Host-wardlock-session=a b"), std::nullopt);
}

std::string set(bool is_secure, std::optional<std::chrono::seconds> age) {
  const net::HttpRequest request{.is_secure = is_secure};
  net::HttpResponse response;
  Cookies(request, "").set("session", "abc", SameSite::kLax, age, response);
  return response.headers[0].name + ": " + response.headers[0].value;
}

TEST(Cookies, AreForThisHostAloneAndForNoScript) {
  EXPECT_EQ(set(true, std::nullopt),
            "Set-Cookie: __Host-wardlock-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
}

TEST(Cookies, OnLoopbackAreNotSecure) {
  EXPECT_EQ(set(false, std::chrono::seconds(60)),
            "Set-Cookie: wardlock-session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
}

TEST(Cookies, AreTakenAway) {
  const net::HttpRequest request{.is_secure = true};
  net::HttpResponse response;
  Cookies(request, "t").remove("session", response);
  EXPECT_EQ(response.headers[0].value,
            "__Host-wardlock-session.t=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
}

}  // namespace
}  // namespace wardlock::page
