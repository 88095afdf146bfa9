// HTTP/2: whatever arrives, and however, a session ends or waits; what it holds and what reaches a
// handler keeps to the limits, and the same bytes in other pieces ask for the same.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "net/http2_session.h"
#include "net/request_rules.h"

using namespace wardlock;

namespace {

const net::ServerOptions kOptions = [] {
  net::ServerOptions options;
  options.limits = {.max_header_bytes = 1024,
                    .max_body_bytes = 4096,
                    .max_streams = 5,
                    .max_buffered_bytes = 8192};
  return options;
}();

void check_request(const net::HttpRequest& request) {
  CHECK(net::is_token(request.method));
  CHECK(net::is_target(request.target) && !request.path.empty());
  CHECK(request.headers.front().name == "Host" && net::is_host(request.headers.front().value));
  CHECK(request.headers.size() <= net::kMaxHeaders + 1);
  for (const net::HttpHeader& header : request.headers) {
    CHECK(net::is_token(header.name) && net::is_field_value(header.value));
  }
  CHECK(request.body.size() <= kOptions.limits.max_body_bytes);
}

std::vector<std::string> serve(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> seen;
  net::HttpResponse response;
  const net::Handler handler = [&](const net::HttpRequest& request, net::HttpResponse& answer) {
    seen.push_back(std::string(request.method) + " " + std::string(request.target) + " " +
                   std::string(request.body));
    check_request(request);
    answer.content_type = "text/plain";
    answer.body = request.target;
  };
  const std::atomic<bool> stopping = false;
  net::LoopCounters counters;
  net::SessionContext context{.options = kOptions,
                              .handler = handler,
                              .response = response,
                              .stopping = stopping,
                              .counters = counters};
  net::Http2Session session(context);
  const net::Clock::time_point now{std::chrono::hours(1)};
  std::string out;
  for (;;) {
    const net::Session::Next next = session.advance(now, out);
    CHECK(out.size() < std::size_t{256} << 10);
    out.clear();
    if (next == net::Session::Next::kSend) continue;
    if (next == net::Session::Next::kEnd) return seen;
    if (bytes.empty()) break;
    const std::span<char> space = session.space();
    const std::size_t some = std::min({bytes.size(), space.size(), piece});
    std::memcpy(space.data(), bytes.data(), some);
    session.received(some);
    bytes.remove_prefix(some);
  }
  session.expire(now + std::chrono::hours(1));
  session.advance(now + std::chrono::hours(1), out);
  return seen;
}

}  // namespace

/// Most inputs would fail at the preface: it is given unless the first bit says otherwise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes = (data[0] & 1) != 0 ? "" : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Which requests of several that come in one piece are refused for want of room depends on the
  // pieces, so only the first ones are the same.
  const auto whole = serve(bytes, bytes.size());
  const auto crumbs = serve(bytes, 1);
  const std::size_t common = std::min({whole.size(), crumbs.size(), std::size_t{1}});
  CHECK(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(common),
                   crumbs.begin()));
  return 0;
}
