#include "authn/oauth/redirect_uri.h"

#include <gtest/gtest.h>

namespace wardlock::oauth {
namespace {

TEST(RedirectUri, OfAWebApplicationIsHttps) {
  for (const std::string_view uri :
       {"https://app.example/signed-in", "https://app.example", "https://app.example:8443/a?b=c",
        "https://[2001:db8::1]/a", "https://a.b.c.example/x/y/z"}) {
    EXPECT_TRUE(check_redirect_uri(uri, false)) << uri;
  }
}

TEST(RedirectUri, OfANativeApplicationMayBeLoopbackOrASchemeOfItsOwn) {
  for (const std::string_view uri :
       {"http://127.0.0.1/signed-in", "http://127.0.0.1:8123/signed-in", "http://[::1]/signed-in",
        "com.example.app:/signed-in", "https://app.example/signed-in"}) {
    EXPECT_TRUE(check_redirect_uri(uri, true)) << uri;
  }
}

TEST(RedirectUri, ThatCouldLeadElsewhereIsNotRegistered) {
  for (const std::string_view uri : {"",
                                     "/signed-in",
                                     "app.example/signed-in",
                                     "http://app.example/signed-in",
                                     "http://127.0.0.1/signed-in",
                                     "https://",
                                     "https:///a",
                                     "https:app.example",
                                     "https://app.example/a#b",
                                     "https://app.example/*",
                                     "https://*.example/a",
                                     "https://user@app.example/",
                                     "https://app.example/a/../b",
                                     "https://app.example/a/.",
                                     "https://app.example/a b",
                                     "https://app.example/a\nb",
                                     "https://app.example\\evil.example",
                                     "https://app.example:0/",
                                     "https://app.example:65536/",
                                     "https://app.example:80x/",
                                     "https://\xC3\xA4pp.example/",
                                     "javascript:alert(1)",
                                     "data:text/html,x",
                                     "com.example.app:/signed-in"}) {
    EXPECT_FALSE(check_redirect_uri(uri, false)) << uri;
  }
  for (const std::string_view uri :
       {"http://localhost/a", "http://127.0.0.2/a", "http://127.0.0.1.evil.example/a",
        "http://127.0.0.1:99999/a", "http://[::2]/a", "app:/a", "com.example.app:a",
        "com.example.app://a/b", "Com.Example:/a", "javascript:/a", "http://app.example/"}) {
    EXPECT_FALSE(check_redirect_uri(uri, true)) << uri;
  }
}

TEST(RedirectUri, ThatNearlyMatchesDoesNot) {
  constexpr std::string_view kRegistered = "https://app.example/signed-in";
  for (const std::string_view uri : {"https://app.example/signed-in/",
                                     "https://app.example/signed-i",
                                     "https://app.example/signed-in2",
                                     "https://app.example/Signed-in",
                                     "https://APP.example/signed-in",
                                     "HTTPS://app.example/signed-in",
                                     "http://app.example/signed-in",
                                     "https://app.example:443/signed-in",
                                     "https://app.example./signed-in",
                                     "https://app.example//signed-in",
                                     "https://app.example/./signed-in",
                                     "https://app.example/x/../signed-in",
                                     "https://app.example/signed%2Din",
                                     "https://app.example/signed-in?",
                                     "https://app.example/signed-in?a=b",
                                     "https://app.example/signed-in#",
                                     "https://app.example/signed-in#a",
                                     "https://app.example/signed-in;a",
                                     "https://app.example/signed-in/../other",
                                     "https://app.example/signed-in/..%2Fother",
                                     "https://app.example/signed-in%00",
                                     "https://app.example/signed-in%20",
                                     "https://app.example/signed-in ",
                                     " https://app.example/signed-in",
                                     "https://evil.example/signed-in",
                                     "https://app.example.evil.example/signed-in",
                                     "https://evil-app.example/signed-in",
                                     "https://sub.app.example/signed-in",
                                     "https://app.example@evil.example/signed-in",
                                     "https://evil.example@app.example/signed-in",
                                     "https://app.example\\@evil.example/signed-in",
                                     "https://app.example%2eevil.example/signed-in",
                                     "https://evil.example/https://app.example/signed-in",
                                     "https://app.example/",
                                     "https://app.example",
                                     "//app.example/signed-in",
                                     "/signed-in",
                                     "https://app.example:8443/signed-in",
                                     "https://\xD0\xB0pp.example/signed-in",
                                     ""}) {
    EXPECT_FALSE(is_registered_uri(uri, kRegistered, false)) << uri;
    EXPECT_FALSE(is_registered_uri(uri, kRegistered, true)) << uri;
  }
  EXPECT_TRUE(is_registered_uri(kRegistered, kRegistered, false));
}

TEST(RedirectUri, OfANativeApplicationHasAnyPortOnLoopbackAndNothingElse) {
  constexpr std::string_view kRegistered = "http://127.0.0.1/signed-in?a=b";
  EXPECT_TRUE(is_registered_uri("http://127.0.0.1:51234/signed-in?a=b", kRegistered, true));
  EXPECT_FALSE(is_registered_uri("http://127.0.0.1:51234/signed-in?a=b", kRegistered, false));
  for (const std::string_view uri :
       {"http://127.0.0.1:51234/signed-in", "http://127.0.0.1:51234/other?a=b",
        "http://[::1]:51234/signed-in?a=b", "http://127.0.0.1:0/signed-in?a=b",
        "http://127.0.0.1:65536/signed-in?a=b", "http://127.0.0.1:1@evil.example/signed-in?a=b",
        "http://127.0.0.1.evil.example/signed-in?a=b", "https://127.0.0.1:51234/signed-in?a=b",
        "http://127.0.0.1:/signed-in?a=b", "http://localhost:51234/signed-in?a=b"}) {
    EXPECT_FALSE(is_registered_uri(uri, kRegistered, true)) << uri;
  }
}

TEST(RedirectUri, ThatWeCallOurselvesHasNoSchemeOfItsOwn) {
  EXPECT_TRUE(check_web_uri("https://app.example/logout", false));
  EXPECT_TRUE(check_web_uri("http://127.0.0.1:8000/logout", true));
  EXPECT_FALSE(check_web_uri("http://127.0.0.1:8000/logout", false));
  EXPECT_FALSE(check_web_uri("http://app.example/logout", true));
  EXPECT_FALSE(check_web_uri("com.example.app:/logout", true));
}

}  // namespace
}  // namespace wardlock::oauth
