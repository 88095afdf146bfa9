#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/request_rules.h"

namespace wardlock::net {

/// What the request line and the header say. Borrows from the bytes it was parsed from.
struct RequestHead {
  HttpRequest request;  ///< all but the body and what the connection knows
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool http11 = false;  ///< else HTTP/1.0
  bool keep_alive = false;
  bool expects_continue = false;
};

/// Parses a request line and header. `block` consists of lines that end with CRLF, none of which
/// begins with white space; the last one is empty, and no other. `head` is overwritten; it is
/// passed in so that its memory is used again.
///
/// Strict where leniency lets two readers of the same bytes disagree on where a request ends
/// (RFC 9112 §11.2): length beside transfer coding, any repeated length, white space before a
/// colon, a missing or repeated `Host`.
std::optional<Refusal> parse_request_head(std::string_view block, RequestHead& head);

}  // namespace wardlock::net
