#include "net/response_writer.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

/// Every answer on a plain port carries these.
const std::string kFields =
    "x-content-type-options: nosniff\r\n"
    "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n";

std::string write(const HttpResponse& response, const ResponseFraming& framing = {}) {
  std::string out;
  append_response(response, framing, out);
  return out;
}

TEST(ResponseWriter, writes_status_length_headers_and_body) {
  EXPECT_EQ(
      write(
          {.status = 404, .content_type = "text/plain", .headers = {{"X-A", "v"}}, .body = "none"}),
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n" + kFields +
          "X-A: v\r\n\r\nnone");
}

TEST(ResponseWriter, leaves_the_body_out_where_there_is_none) {
  EXPECT_EQ(write({.body = "1234"}, {.head_request = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + kFields + "\r\n");
  EXPECT_EQ(write({.status = 204, .body = "x"}), "HTTP/1.1 204 No Content\r\n" + kFields + "\r\n");
  EXPECT_EQ(write({.status = 304, .body = "x"}),
            "HTTP/1.1 304 Not Modified\r\n" + kFields + "\r\n");
}

TEST(ResponseWriter, says_whether_the_connection_stays) {
  EXPECT_EQ(write({}, {.keep_alive = false}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n" + kFields + "\r\n");
  EXPECT_EQ(
      write({}, {.http11 = false}),
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n" + kFields + "\r\n");
}

TEST(ResponseWriter, protects_a_browser_unless_the_answer_does_it_itself) {
  EXPECT_FALSE(write({}).contains("strict-transport-security"));
  EXPECT_TRUE(write({}, {.is_secure = true}).contains("strict-transport-security: max-age="));
  const std::string own = write({.headers = {{"Content-Security-Policy", "default-src 'self'"}}});
  EXPECT_TRUE(own.contains("default-src 'self'"));
  EXPECT_FALSE(own.contains("default-src 'none'"));
  EXPECT_TRUE(own.contains("nosniff"));
}

TEST(ResponseWriter, never_sends_what_a_header_could_split) {
  const std::vector<HttpResponse> unsendable{
      {.headers = {{"X-A", "v\r\nSet-Cookie: a=b"}}, .body = "secret"},
      {.headers = {{"X-A", "v\n"}}, .body = "secret"},
      {.headers = {{"X-A", std::string("v\0", 2)}}, .body = "secret"},
      {.headers = {{"X-A:", "v"}}, .body = "secret"},
      {.headers = {{"", "v"}}, .body = "secret"},
      {.headers = {{"X A", "v"}}, .body = "secret"},
      {.content_type = "text/plain\r\n\r\n", .body = "secret"},
      {.headers = {{"content-length", "1"}}, .body = "secret"},
      {.headers = {{"Transfer-Encoding", "chunked"}}, .body = "secret"},
      {.headers = {{"Connection", "close"}}, .body = "secret"},
      {.headers = {{"Content-Type", "a/b"}}, .body = "secret"},
      {.status = 100, .body = "secret"},
      {.status = 0, .body = "secret"},
      {.status = 1000, .body = "secret"},
  };
  for (const HttpResponse& response : unsendable) {
    const std::string out = write(response);
    EXPECT_TRUE(out.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << out;
    EXPECT_FALSE(out.contains("secret")) << out;
    EXPECT_FALSE(out.contains("Set-Cookie")) << out;
  }
}

TEST(ResponseWriter, writes_problems_as_json) {
  HttpResponse response;
  write_problem(415, "send `application/json`, not \"x\"", response);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Unsupported Media Type","status":415,)"
                           R"("detail":"send `application/json`, not \"x\""})");
}

}  // namespace
}  // namespace wardlock::net
