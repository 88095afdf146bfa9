#pragma once

#include <cstdint>
#include <string>

#include "net/http.h"
#include "pdp/caller.h"
#include "pdp/snapshot.h"

namespace wardlock::authzen {

/// What one request is answered from, besides itself.
struct Surroundings {
  const pdp::Snapshot& snapshot;
  const pdp::Caller& caller;
  std::int64_t now = 0;               ///< milliseconds since the epoch
  std::string (*new_id)() = nullptr;  ///< makes the decision's id
};

/// The OpenID AuthZEN Authorization API 1.0 as far as it is built, for plain HTTP on loopback:
///   POST /access/v1/evaluation  a decision; errors are JSON strings, as AuthZEN §10 has them
///   GET  /healthz               `{"status":"ok"}`
/// Errors elsewhere are RFC 9457 problems. `X-Request-ID` is echoed. Requests that a web page of
/// another site may have caused are refused (net/loopback_guard.h). Pure, and thread-safe.
net::HttpResponse answer(const net::HttpRequest& request, const Surroundings& surroundings);

}  // namespace wardlock::authzen
