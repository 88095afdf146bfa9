#pragma once

#include "api/authzen/surroundings.h"
#include "net/http.h"

namespace wardlock::authzen {

/// The OpenID AuthZEN Authorization API 1.0. Below `surroundings.base_path`:
///   POST /access/v1/evaluation   one decision
///   POST /access/v1/evaluations  several, with defaults; see batch.h
///   POST /access/v1/search/…     subject, resource or action: who may, what, and how; searches.h
///   GET  /openapi.json           this server's interface, OpenAPI 3.1
/// and, with the base path behind it as AuthZEN §9.2 has it,
///   GET  /.well-known/authzen-configuration
///
/// Errors are JSON strings on AuthZEN's endpoints (§10.1.2) and RFC 9457 problems elsewhere. A
/// request's `X-Request-ID` is in the response. Whether a web page of another site may have caused
/// the request is for the server to find out (net/loopback_guard.h). The response comes as new.
/// Pure, and thread-safe with an arena and a response for each call.
void answer(const net::HttpRequest& request, const Surroundings& surroundings,
            net::HttpResponse& response);

/// An error as AuthZEN's endpoints tell it: a JSON string. `message` is UTF-8.
void write_error(int status, std::string_view message, net::HttpResponse& response);

}  // namespace wardlock::authzen
