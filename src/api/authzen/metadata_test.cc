#include "api/authzen/metadata.h"

#include <gtest/gtest.h>

#include <string>

#include "api/authzen/endpoints_fixture.h"

namespace wardlock::authzen {
namespace {

class Metadata : public Endpoints {
 protected:
  static Surroundings surroundings(std::string_view base_path, std::string_view public_url) {
    return {.snapshot = *with_schema,
            .caller = kCaller,
            .arena = test_arena,
            .now = 1000,
            .new_id = fixed_id,
            .page_key = kPageKey,
            .base_path = base_path,
            .public_url = public_url};
  }

  /// The identifier in the metadata, and its endpoints checked.
  static std::string described(std::string_view host, bool is_secure,
                               std::string_view base_path = "", std::string_view public_url = "") {
    const std::string path = "/.well-known/authzen-configuration" + std::string(base_path);
    HttpRequest request = get(path);
    request.headers[0].value = host;
    request.is_secure = is_secure;
    const HttpResponse response = answer(request, surroundings(base_path, public_url));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_object()) return "";
    const object& metadata = json->get_object();
    EXPECT_EQ(metadata.size(), 6U) << "nothing that this server does not have";
    const std::string url(metadata.at("policy_decision_point").get_string());
    EXPECT_EQ(metadata.at("access_evaluation_endpoint"), Json(url + "/access/v1/evaluation"));
    EXPECT_EQ(metadata.at("access_evaluations_endpoint"), Json(url + "/access/v1/evaluations"));
    for (const std::string what : {"subject", "resource", "action"}) {
      EXPECT_EQ(metadata.at("search_" + what + "_endpoint"),
                Json(url + "/access/v1/search/" + what));
    }
    return url;
  }
};

TEST_F(Metadata, says_where_the_request_went) {
  EXPECT_EQ(described("localhost:8180", false), "http://localhost:8180");
  EXPECT_EQ(described("[::1]:8180", false), "http://[::1]:8180");
  EXPECT_EQ(described("pdp.example.org", true), "https://pdp.example.org");
  EXPECT_EQ(described("pdp.example.org:8443", true), "https://pdp.example.org:8443");
}

TEST_F(Metadata, names_the_tenant) {
  EXPECT_EQ(described("pdp.example.org", true, "/st-mary"), "https://pdp.example.org/st-mary");
}

TEST_F(Metadata, prefers_the_url_that_is_configured) {
  EXPECT_EQ(described("10.0.0.1", true, "", "https://pdp.example.org"), "https://pdp.example.org");
  EXPECT_EQ(described("127.0.0.1", false, "/st-mary", "https://example.org/pdp/"),
            "https://example.org/pdp/st-mary");
  EXPECT_EQ(described("\"<junk>\"", true, "", "https://pdp.example.org"),
            "https://pdp.example.org");
}

TEST_F(Metadata, does_not_repeat_a_host_that_is_none) {
  for (const auto host : {"", "evil.example/path", "a b", "\"x\"", "<script>", "user@example.org",
                          "example.org:", "example.org:port", "example.org:123456", "[::1",
                          "[evil]", "::1", "example.org\\", "ex%61mple.org", "\xc3\xa9.org"}) {
    HttpRequest request = get("/.well-known/authzen-configuration");
    request.headers[0].value = host;
    request.is_secure = true;
    const HttpResponse response = answer(request, surroundings("", ""));
    EXPECT_EQ(response.status, 400) << host;
    EXPECT_EQ(response.body, R"("`Host` is not a host's name")");
  }
}

TEST_F(Metadata, may_be_kept_for_a_while) {
  const HttpResponse response = send(get("/.well-known/authzen-configuration"));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].name, "Cache-Control");
  EXPECT_EQ(response.headers[0].value, "max-age=300");
}

TEST_F(Metadata, is_only_read) {
  for (const auto method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    HttpRequest request = get("/.well-known/authzen-configuration");
    request.method = method;
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.body, R"("ask with GET")");
    EXPECT_EQ(response.headers[0].value, "GET, HEAD");
  }
  HttpRequest head = get("/.well-known/authzen-configuration");
  head.method = "HEAD";
  EXPECT_EQ(send(head).status, 200);
}

TEST(Host, is_a_name_or_an_address) {
  for (const auto host : {"localhost", "a", "pdp.example.org", "PDP.example.org:1", "10.0.0.1:8443",
                          "[::1]", "[2001:db8::1]:65535", "[::ffff:10.0.0.1]", "my_pod-1.svc"}) {
    EXPECT_TRUE(is_host(host)) << host;
  }
  const std::string longest(255, 'a');
  EXPECT_TRUE(is_host(longest));
  EXPECT_FALSE(is_host(longest + "a"));
  for (const auto host :
       {"",      ":",   ":80",     "a:",     "a:b",   "a:123456", "a:1:2", "[]",
        "[]:80", "[:]", "[::1]80", "[::1]:", "[::g]", "[v1.x]",   "a]",    "a/b",
        "a?b",   "a#b", "a@b",     "a b",    "a\tb",  "a%20b",    "*",     "a,b"}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
}

}  // namespace
}  // namespace wardlock::authzen
