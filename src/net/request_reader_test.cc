#include "net/request_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wardlock::net {
namespace {

struct Seen {
  std::string method = {}, target = {}, path = {}, query = {}, body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool operator==(const Seen&) const = default;
};

struct Outcome {
  std::vector<Seen> requests;
  int refused = 0;  ///< the status, or 0
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t piece, const HttpLimits& limits = {}) {
  Outcome outcome;
  const auto refusal = parse_http_requests(bytes, limits, piece, [&](const HttpRequest& request) {
    Seen seen{.method = std::string(request.method),
              .target = std::string(request.target),
              .path = std::string(request.path),
              .query = std::string(request.query),
              .body = std::string(request.body),
              .headers = {}};
    for (const HttpHeader& header : request.headers) {
      seen.headers.emplace_back(header.name, header.value);
    }
    outcome.requests.push_back(std::move(seen));
  });
  if (refusal) outcome.refused = refusal->status;
  return outcome;
}

/// How the bytes are cut on their way must not matter.
Outcome read_all_ways(std::string_view bytes, const HttpLimits& limits = {}) {
  const Outcome whole = read(bytes, bytes.size() + 1, limits);
  for (const std::size_t piece : {1, 2, 3, 7, 61}) {
    EXPECT_EQ(read(bytes, piece, limits), whole) << "in pieces of " << piece << ":\n" << bytes;
  }
  return whole;
}

std::string post(std::string_view headers, std::string_view body) {
  return std::string("POST /x HTTP/1.1\r\nHost: h\r\n").append(headers).append("\r\n").append(body);
}

TEST(RequestReader, reads_a_request_without_body) {
  const Outcome outcome =
      read_all_ways("GET /a/b?x=1&y=%20 HTTP/1.1\r\nHost: h:80\r\nX-A:  v w \r\n\r\n");
  ASSERT_EQ(outcome.requests.size(), 1U);
  const Seen& request = outcome.requests[0];
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a/b?x=1&y=%20");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "x=1&y=%20");
  EXPECT_EQ(request.body, "");
  ASSERT_EQ(request.headers.size(), 2U);
  EXPECT_EQ(request.headers[1], std::pair(std::string("X-A"), std::string("v w")));
}

TEST(RequestReader, finds_headers_in_any_case) {
  std::vector<std::optional<std::string>> found;
  parse_http_requests(
      "GET / HTTP/1.1\r\nhOsT: h\r\nX-One: 1\r\nx-one: 2\r\nX-Empty:\r\n\r\n", {}, 1,
      [&](const HttpRequest& request) {
        for (const auto name : {"Host", "X-ONE", "x-empty", "X-On"}) {
          const auto value = request.header(name);
          found.push_back(value ? std::optional<std::string>(*value) : std::nullopt);
        }
      });
  EXPECT_EQ(found, (std::vector<std::optional<std::string>>{"h", "1", "", std::nullopt}));
}

TEST(RequestReader, reads_a_body_of_given_length) {
  const Outcome binary =
      read_all_ways(post("Content-Length: 5\r\n", std::string_view("a\r\n\0b", 5)));
  ASSERT_EQ(binary.requests.size(), 1U);
  EXPECT_EQ(binary.requests[0].body, std::string_view("a\r\n\0b", 5));
}

TEST(RequestReader, decodes_chunks) {
  const Outcome outcome =
      read_all_ways(post("Transfer-Encoding: Chunked\r\n",
                         "3\r\nabc\r\n00A;ext=\"1\"\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n"
                         "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_EQ(outcome.requests.size(), 2U);
  EXPECT_EQ(outcome.requests[0].body, "abc0123456789");
  EXPECT_EQ(outcome.requests[0].headers.size(), 2U) << "trailers are not headers";
  EXPECT_EQ(outcome.requests[1].path, "/next");
}

TEST(RequestReader, decodes_an_empty_chunked_body) {
  const Outcome outcome = read_all_ways(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  ASSERT_EQ(outcome.requests.size(), 1U);
  EXPECT_EQ(outcome.requests[0].body, "");
}

TEST(RequestReader, reads_pipelined_requests_in_order) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const std::string body(static_cast<std::size_t>(i), 'b');
    bytes += post("Content-Length: " + std::to_string(i) + "\r\n", body);
  }
  const Outcome outcome = read_all_ways(bytes);
  ASSERT_EQ(outcome.requests.size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(outcome.requests[i].body.size(), i);
}

TEST(RequestReader, keeps_the_header_when_a_large_body_moves_the_buffer) {
  const std::string body(900'000, 'b');
  const Outcome outcome = read(post("Content-Length: 900000\r\nX-A: value\r\n", body), 1000);
  ASSERT_EQ(outcome.requests.size(), 1U);
  EXPECT_EQ(outcome.requests[0].body, body);
  EXPECT_EQ(outcome.requests[0].path, "/x");
  EXPECT_EQ(outcome.requests[0].headers[2].second, "value");
}

TEST(RequestReader, forgives_one_empty_line_before_a_request) {
  EXPECT_EQ(read_all_ways("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n")
                .requests.size(),
            2U);
  EXPECT_EQ(read_all_ways("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").refused, 400);
}

TEST(RequestReader, takes_the_target_forms_of_a_server) {
  const auto path_of = [](const std::string& line) {
    const Outcome outcome = read_all_ways(line + " HTTP/1.1\r\nHost: h:1\r\n\r\n");
    return outcome.requests.empty() ? std::to_string(outcome.refused) : outcome.requests[0].path;
  };
  EXPECT_EQ(path_of("GET http://h:1/p?q"), "/p");
  EXPECT_EQ(path_of("GET HTTPS://H:1"), "/");
  EXPECT_EQ(path_of("GET http://h:1?q"), "/");
  EXPECT_EQ(path_of("OPTIONS *"), "*");
  EXPECT_EQ(path_of("GET *"), "400");
  EXPECT_EQ(path_of("GET http://other/p"), "400");
  EXPECT_EQ(path_of("GET ftp://h:1/p"), "400");
  EXPECT_EQ(path_of("GET p"), "400");
  EXPECT_EQ(path_of("CONNECT h:1"), "501");
}

struct Rejection {
  std::string_view name;
  std::string bytes;
  int status;
};

TEST(RequestReader, refuses_malformed_requests) {
  const std::string nul(1, '\0');
  const std::vector<Rejection> rejections{
      {"garbage", "\x16\x03\x01\x02", 400},
      {"leading space", " GET / HTTP/1.1\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"tab for a space", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"target not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"target with NUL", "GET /" + nul + " HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"method not a token", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"version in lower case", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"version too long", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
      {"Host with a list", "GET / HTTP/1.1\r\nHost: h, i\r\n\r\n", 400},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
      {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400},
      {"empty name", "GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n", 400},
      {"space before the colon", "GET / HTTP/1.1\r\nHost: h\r\nX : v\r\n\r\n", 400},
      {"tab before the colon", "GET / HTTP/1.1\r\nHost: h\r\nX\t: v\r\n\r\n", 400},
      {"space before Host's colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"name not ASCII", "GET / HTTP/1.1\r\nHost: h\r\n\xc3\xa4: v\r\n\r\n", 400},
      {"NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: " + nul + "\r\n\r\n", 400},
      {"bare CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
      {"escape in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \x1b[2J\r\n\r\n", 400},
      {"folded line", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"folded line, empty first", "GET / HTTP/1.1\r\nHost: h\r\nX:\r\n\tb\r\n\r\n", 400},
      {"folded request line", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"line of white space", "GET / HTTP/1.1\r\nHost: h\r\n \r\n\r\n", 400},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"bare LF after a header", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
      {"two Authorizations",
       "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nauthorization: b\r\n\r\n", 400},
      {"two Origins", "GET / HTTP/1.1\r\nHost: h\r\nOrigin: a\r\nOrigin: b\r\n\r\n", 400},
      {"two Content-Types",
       "GET / HTTP/1.1\r\nHost: h\r\nContent-Type: a\r\nContent-Type: a\r\n\r\n", 400},
      {"unknown expectation", post("Expect: tea\r\nContent-Length: 1\r\n", "x"), 417},
      {"Connection not a list", "GET / HTTP/1.1\r\nHost: h\r\nConnection: @\r\n\r\n", 400},
  };
  for (const Rejection& rejection : rejections) {
    const Outcome outcome = read_all_ways(rejection.bytes);
    EXPECT_EQ(outcome.refused, rejection.status) << rejection.name;
    EXPECT_TRUE(outcome.requests.empty()) << rejection.name;
  }
}

/// Each of these has made some pair of servers disagree on where the next request begins.
TEST(RequestReader, refuses_what_could_smuggle_a_request) {
  const std::string chunks = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::vector<Rejection> rejections{
      {"length, then chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks),
       400},
      {"chunked, then length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
       400},
      {"lengths differ", post("Content-Length: 5\r\nContent-Length: 6\r\n", chunks), 400},
      {"length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", chunks), 400},
      {"list of lengths", post("Content-Length: 5, 5\r\n", chunks), 400},
      {"length with a sign", post("Content-Length: +5\r\n", chunks), 400},
      {"negative length", post("Content-Length: -1\r\n", chunks), 400},
      {"hexadecimal length", post("Content-Length: 0x5\r\n", chunks), 400},
      {"empty length", post("Content-Length:\r\n", chunks), 400},
      {"length with a space", post("Content-Length: 1 1\r\n", chunks), 400},
      {"length beyond 64 bits", post("Content-Length: 18446744073709551621\r\n", chunks), 400},
      {"space before the colon", post("Content-Length : 5\r\n", chunks), 400},
      {"chunked twice",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks), 400},
      {"chunked and identity", post("Transfer-Encoding: chunked, identity\r\n", chunks), 501},
      {"identity", post("Transfer-Encoding: identity\r\n", chunks), 501},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", chunks), 501},
      {"quoted", post("Transfer-Encoding: \"chunked\"\r\n", chunks), 501},
      {"prefixed", post("Transfer-Encoding: xchunked\r\n", chunks), 501},
      {"vertical tab", post("Transfer-Encoding: \vchunked\r\n", chunks), 400},
      {"empty", post("Transfer-Encoding:\r\n", chunks), 501},
      {"comma", post("Transfer-Encoding: ,chunked\r\n", chunks), 501},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
       400},
      {"folded length", post("Content-Length: 5\r\n 6\r\n", chunks), 400},
      {"folded chunked", post("Transfer-Encoding:\r\n chunked\r\n", chunks), 400},
  };
  for (const Rejection& rejection : rejections) {
    const Outcome outcome = read_all_ways(rejection.bytes);
    EXPECT_EQ(outcome.refused, rejection.status) << rejection.name;
    EXPECT_TRUE(outcome.requests.empty()) << rejection.name;
  }
}

TEST(RequestReader, refuses_malformed_chunks) {
  const std::vector<Rejection> rejections{
      {"no size", "\r\nabc\r\n", 400},
      {"not hexadecimal", "g\r\nabc\r\n", 400},
      {"sign", "+3\r\nabc\r\n", 400},
      {"prefix", "0x3\r\nabc\r\n", 400},
      {"space before the size", " 3\r\nabc\r\n", 400},
      {"space after the size", "3 \r\nabc\r\n", 400},
      {"bare LF after the size", "3\nabc\r\n0\r\n\r\n", 400},
      {"bare LF in an extension", "3;a\nabc\r\n0\r\n\r\n", 400},
      {"bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", 400},
      {"too long for its size", "3\r\nabcd\r\n", 400},
      {"too short for its size", "3\r\nab\r\n0\r\n\r\n", 400},
      {"bare LF after the data", "3\r\nabc\n0\r\n\r\n", 400},
      {"size beyond 64 bits", "10000000000000003\r\nabc\r\n", 400},
      {"size padded without end", "0000000000000000000000003\r\nabc\r\n", 400},
      {"more than the limit", "100001\r\n", 413},
      {"the largest size", "fffffffffffffff\r\n", 413},
      {"trailer without colon", "0\r\nabc\r\n\r\n", 400},
      {"folded trailer", "0\r\nX: a\r\n b\r\n\r\n", 400},
      {"bare LF ends the trailers", "0\r\n\n", 400},
      {"endless extension", "3;" + std::string(2000, 'x'), 400},
      {"endless trailer", "0\r\nX: " + std::string(2000, 'x'), 400},
  };
  for (const Rejection& rejection : rejections) {
    const Outcome outcome = read_all_ways(post("Transfer-Encoding: chunked\r\n", rejection.bytes));
    EXPECT_EQ(outcome.refused, rejection.status) << rejection.name;
    EXPECT_TRUE(outcome.requests.empty()) << rejection.name;
  }
}

TEST(RequestReader, keeps_its_limits) {
  const HttpLimits limits{.max_header_bytes = 300, .max_body_bytes = 100};
  const auto header_of = [](std::size_t bytes) {
    std::string text = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    return text + std::string(bytes - text.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(read_all_ways(header_of(300), limits).requests.size(), 1U);
  EXPECT_EQ(read_all_ways(header_of(301), limits).refused, 431);
  EXPECT_EQ(read_all_ways("GET /" + std::string(400, 'x'), limits).refused, 414);
  EXPECT_EQ(read_all_ways("GET /" + std::string(400, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", limits)
                .refused,
            414);
  EXPECT_EQ(
      read_all_ways(post("Content-Length: 100\r\n", std::string(100, 'b')), limits).requests.size(),
      1U);
  EXPECT_EQ(read_all_ways(post("Content-Length: 101\r\n", ""), limits).refused, 413);
  const std::string chunk = "32\r\n" + std::string(50, 'b') + "\r\n";
  EXPECT_EQ(
      read_all_ways(post("Transfer-Encoding: chunked\r\n", chunk + chunk + "0\r\n\r\n"), limits)
          .requests.size(),
      1U);
  EXPECT_EQ(read_all_ways(post("Transfer-Encoding: chunked\r\n", chunk + chunk + "1\r\n"), limits)
                .refused,
            413);
}

TEST(RequestReader, refuses_too_many_headers) {
  std::string headers;
  for (int i = 0; i < 127; ++i) headers += "X: y\r\n";
  EXPECT_EQ(read_all_ways(post(headers, "")).requests.size(), 1U);
  EXPECT_EQ(read_all_ways(post(headers + "X: y\r\n", "")).refused, 431);
}

TEST(RequestReader, refuses_a_body_that_is_mostly_framing) {
  std::string chunks;
  for (int i = 0; i < 10'000; ++i) chunks += "1;padding=padding\r\nb\r\n";
  EXPECT_EQ(read(post("Transfer-Encoding: chunked\r\n", chunks), 1000).refused, 400);
}

TEST(RequestReader, holds_no_more_than_its_limits_let_it) {
  RequestReader reader({.max_header_bytes = 1024, .max_body_bytes = 65'536});
  std::string bytes = post("Transfer-Encoding: chunked\r\n", "");
  for (int i = 0; i < 100'000; ++i) bytes += "5\r\nbbbbb\r\n";  // as much framing as is let pass
  std::size_t largest = 0;
  std::size_t at = 0;
  while (reader.next() == RequestReader::Step::kNeedMore && at < bytes.size()) {
    const std::span<char> space = reader.space();
    largest = std::max(largest, space.size());
    const std::size_t some = bytes.copy(space.data(), space.size(), at);
    reader.received(some);
    at += some;
  }
  ASSERT_EQ(reader.next(), RequestReader::Step::kRefused);
  EXPECT_EQ(reader.refusal().status, 413);
  EXPECT_LE(largest, 4U * 65'536);
}

TEST(RequestReader, asks_once_for_a_body_that_waits) {
  const auto continues = [](std::string_view bytes) {
    RequestReader reader({});
    const std::span<char> space = reader.space();
    bytes.copy(space.data(), bytes.size());
    reader.received(bytes.size());
    EXPECT_EQ(reader.next(), RequestReader::Step::kNeedMore);
    const bool first = reader.take_continue();
    EXPECT_FALSE(reader.take_continue());
    return first;
  };
  EXPECT_TRUE(continues(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "")));
  EXPECT_TRUE(continues(post("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", "")));
  EXPECT_FALSE(continues(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "b")));
  EXPECT_FALSE(continues(post("Content-Length: 2\r\n", "")));
  EXPECT_FALSE(continues("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
}

}  // namespace
}  // namespace wardlock::net
