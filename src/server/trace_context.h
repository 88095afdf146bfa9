#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace wardlock::server {

/// Where a request stands in a trace that may span several systems, as hex digits.
struct TraceContext {
  std::string trace_id;   ///< 32
  std::string parent_id;  ///< 16, the caller's span; empty when the trace begins here
  std::string span_id;    ///< 16, this request
};

/// From the request's `traceparent` (W3C Trace Context §3.2), read strictly: where it is absent,
/// malformed or comes twice, a new trace begins. The standard defines no field for responses, so
/// none is sent.
TraceContext trace_context(const net::HttpRequest& request);

/// The trace that the request is a part of, borrowed from it; empty: it says none.
std::string_view trace_id_of(const net::HttpRequest& request);

}  // namespace wardlock::server
