#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/peer_certificate.h"

namespace wardlock::net {

/// ASCII letters only, as HTTP's names and most of its values compare.
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct HttpHeader {
  std::string_view name;
  std::string_view value;  ///< without the white space around it
};

/// One complete request. Every view borrows from the connection and is valid during the handler's
/// call only.
///
/// What a handler may rely on: the method is a token; the target is visible ASCII; header names are
/// tokens and values free of control characters except tab; `Authorization`, `Content-Length`,
/// `Content-Type`, `Expect`, `Host`, `Origin` and `Transfer-Encoding` come at most once; an
/// HTTP/1.1 request has a `Host`. The body is any bytes, decoded when it came in chunks.
struct HttpRequest {
  std::string_view method = {};
  std::string_view target = {};          ///< as it was sent
  std::string_view path = {};            ///< begins with `/` (or is `*`), still percent-encoded
  std::string_view query = {};           ///< what follows the first `?`, without it
  std::vector<HttpHeader> headers = {};  ///< in the order they came
  std::string_view body = {};
  std::string_view remote_address = {};  ///< the peer's IP address, without its port
  bool is_secure = false;                ///< came by TLS
  /// Of a client that proved who it is, as long as the certificate is valid; else null.
  const PeerCertificate* peer_certificate = nullptr;

  /// The value of the first header of that name, in any case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// The server adds `Content-Length` and `Connection`; for HEAD it leaves the body out.
struct HttpResponse {
  struct Field {
    std::string name;
    std::string value;
  };

  int status = 200;               ///< 200 to 599
  std::string content_type = {};  ///< left out when empty
  std::vector<Field> headers = {};
  std::string body = {};
};

/// Answers one request on the connection's thread; the thread serves nothing else meanwhile.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

/// Makes the handler of one thread, which may own what only that thread uses. Called once on each
/// of the server's threads, before it serves; must not throw.
using HandlerFactory = std::function<Handler()>;

/// The phrase of RFC 9110 for a status code, e.g. `Not Found`; `Unknown` for others.
std::string_view reason_phrase(int status);

/// The status that stands for an error code.
int http_status(ErrorCode code);

/// An RFC 9457 `application/problem+json` answer. `detail` says what is wrong with this request and
/// what to do next.
HttpResponse problem(int status, std::string_view detail);

}  // namespace wardlock::net
