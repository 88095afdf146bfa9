#include "net/egress.h"

#include <gtest/gtest.h>

#include "net/tls_for_test.h"

namespace wardlock::net {
namespace {

TEST(EgressUrl, IsReadOneWayAlone) {
  const auto url = EgressUrl::parse("https://pki.example:8443/a/b.crl?x=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->origin, "https://pki.example:8443");
  EXPECT_EQ(url->path, "/a/b.crl?x=1");
  EXPECT_EQ(EgressUrl::parse("http://[fd00::1]:8080?q")->path, "/?q");
  EXPECT_EQ(EgressUrl::parse("http://10.0.0.1")->path, "/");
  for (const char* text : {"",
                           "pki.example",
                           "ftp://pki.example/",
                           "file:///etc/passwd",
                           "//pki.example/",
                           "https:/pki.example",
                           "HTTPS://pki.example/",
                           "https://PKI.example/",
                           "https://",
                           "https:///path",
                           "https://user@pki.example/",
                           "https://user:word@pki.example/",
                           "https://pki.example#@evil.example/",
                           "https://pki.example\\@evil.example/",
                           "https://pki.example:443/",
                           "http://pki.example:80/",
                           "https://pki.example:/",
                           "https://pki.example:0/",
                           "https://pki.example:065/",
                           "https://pki.example:65536/",
                           "https://pki.example:1:2/",
                           "https://pki .example/",
                           "https://pki.example/a b",
                           "https://pki.example/\n",
                           "https://pk\xC3\xAD.example/",
                           "https://.pki.example/",
                           "https://pki..example/",
                           "https://-pki.example/",
                           "https://[::1/",
                           "https://[10.0.0.1]/",
                           "https://[::1]x/",
                           "https://pki_example/",
                           "https://pki%2eexample/"}) {
    EXPECT_FALSE(EgressUrl::parse(text)) << text;
  }
  EXPECT_FALSE(EgressUrl::parse("https://pki.example/" + std::string(3000, 'a')));
}

TEST(Egress, TakesOriginsAlone) {
  EXPECT_TRUE(Egress::create({.origins = {"https://pki.example", "http://pki.example:8080"}}));
  for (const char* origin : {"https://pki.example/", "https://pki.example/crl", "pki.example",
                             "https://*.example", "*"}) {
    EXPECT_FALSE(Egress::create({.origins = {origin}})) << origin;
  }
}

class Asking : public testing::Test {
 protected:
  std::string origin(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(server_.port());
  }
  Result<HttpReply> fetch(const std::string& url, EgressRules rules) {
    return Egress::create(std::move(rules))->fetch({.url = url}, interruption_);
  }
  ErrorCode refusal(const std::string& url, const EgressRules& rules) {
    const auto reply = fetch(url, rules);
    EXPECT_FALSE(reply) << reply->status;
    return reply ? ErrorCode::kUnknown : reply.error().code;
  }
  static std::vector<IpNetwork> here() { return {*IpNetwork::parse("127.0.0.0/8")}; }

  int asked_ = 0;
  Interruption interruption_;
  RunningServer server_{[this](const HttpRequest& request) {
    ++asked_;
    if (request.path == "/away") {
      return HttpResponse{.status = 302, .headers = {{"Location", "/"}}};
    }
    return HttpResponse{.body = std::string(request.target)};
  }};
};

TEST_F(Asking, WhatIsAllowedIsAsked) {
  const auto reply = fetch(origin() + "/a?b", {.origins = {origin()}, .networks = here()});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "/a?b");
}

TEST_F(Asking, OtherOriginsAreNot) {
  EXPECT_EQ(refusal(origin() + "/", {.networks = here()}), ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal(origin() + "/", {.origins = {"http://127.0.0.1"}, .networks = here()}),
            ErrorCode::kPermissionDenied);  // another port
  EXPECT_EQ(refusal(origin("localhost") + "/", {.origins = {origin()}, .networks = here()}),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal("http://x@127.0.0.1/", {.origins = {origin()}, .networks = here()}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(asked_, 0);
}

TEST_F(Asking, AnAddressThatIsNotOfTheInternetIsNot) {
  // The name is allowed; what it stands for is not.
  for (const char* host : {"localhost", "127.0.0.1", "0.0.0.0", "2130706433", "0x7f.1", "127.1"}) {
    EXPECT_EQ(refusal(origin(host) + "/", {.origins = {origin(host)}}),
              ErrorCode::kPermissionDenied)
        << host;
  }
  EXPECT_EQ(refusal(origin() + "/",
                    {.origins = {origin()}, .networks = {*IpNetwork::parse("10.0.0.0/8")}}),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(asked_, 0);
}

TEST_F(Asking, WhatLeadsElsewhereIsNotFollowed) {
  EXPECT_EQ(refusal(origin() + "/away", {.origins = {origin()}, .networks = here()}),
            ErrorCode::kUnavailable);
  EXPECT_EQ(asked_, 1);
}

TEST_F(Asking, AReplyIsNotTooLarge) {
  const auto egress = *Egress::create({.origins = {origin()}, .networks = here()});
  const std::string url = origin() + "/" + std::string(100, 'a');
  EXPECT_TRUE(egress.fetch({.url = url}, interruption_, 101));
  const auto reply = egress.fetch({.url = url}, interruption_, 100);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace wardlock::net
