#pragma once

#include <string>

#include "net/http.h"

namespace wardlock::net {

struct ResponseFraming {
  bool head_request = false;  ///< the body is left out, its length is not
  bool http11 = true;
  bool keep_alive = true;
  bool is_secure = false;  ///< goes out by TLS
};

/// Whether a server may send it: its status is in range, no header has a line break or is the
/// server's to set.
bool is_sendable(const HttpResponse& response);
/// What is sent instead.
HttpResponse unsendable();

/// Statuses whose answers have neither a body nor its length.
bool has_no_body(int status);

/// Appends the response's bytes to `out`, in HTTP/1.1.
void append_response(const HttpResponse& response, const ResponseFraming& framing,
                     std::string& out);

}  // namespace wardlock::net
