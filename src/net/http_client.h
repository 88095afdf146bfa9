#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/client_tls_files.h"
#include "net/interruption.h"

namespace wardlock::net {

struct HttpClientOptions {
  ClientTlsFiles tls = {};
  std::string proxy = {};  ///< its URL; empty: none, whatever the environment says
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};  ///< of all of a request
  std::size_t max_reply_bytes = std::size_t{1} << 20;
  /// Whether an address may be connected to, asked of each after the name was looked up; empty: any
  /// may. With a proxy it is asked of the proxy's.
  std::function<bool(const sockaddr*)> may_connect = {};
};

/// A request that we make. Borrows everything.
struct OutgoingRequest {
  std::string_view method = "GET";  ///< or POST, PUT, PATCH, which have a body, or DELETE
  std::string_view url = {};
  /// Names and values, beside those that every request has.
  std::vector<std::pair<std::string_view, std::string_view>> headers = {};
  std::string_view body = {};
};

struct HttpReply {
  int status = 0;
  std::string body = {};
  std::string content_type = {};
  /// What the server asks us to wait for (`Retry-After`); 0: it does not ask.
  std::chrono::seconds retry_after{0};
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< as they were sent

  /// The first with that name, in any case; nothing: there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Asks HTTP servers, for a thread that may wait. Keeps its connections to be used again. A
/// redirect is a reply like any other: where it leads is not gone to. Not thread-safe.
class HttpClient {
 public:
  /// Error: kInternal, out of memory.
  static Result<std::unique_ptr<HttpClient>> create(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The reply, whatever its status. Over `https:` the server has proved to be who it must be.
  /// Errors: kInvalidArgument, the URL or a header is malformed, or the URL is neither `https:` nor
  /// `http:`; kCancelled, it was interrupted; kDeadlineExceeded; kUnauthenticated, one end did not
  /// prove to the other who it is; kPermissionDenied, its address may not be connected to;
  /// kResourceExhausted, the reply is too large; kUnavailable, all else. Whether the server has
  /// done what it was asked is then not known.
  Result<HttpReply> fetch(const OutgoingRequest& request, const Interruption& interruption);

 private:
  struct Session;
  explicit HttpClient(std::unique_ptr<Session> session);

  std::unique_ptr<Session> session_;
};

}  // namespace wardlock::net
