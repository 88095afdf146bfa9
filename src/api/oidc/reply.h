#pragma once

#include "authn/oauth/authorization_request.h"
#include "authn/oauth/refusal.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::oidc {

/// A JSON object that nobody keeps.
void write_json(int status, const boost::json::object& json, net::HttpResponse& response);

/// `{"error": …, "error_description": …}` (RFC 6749, 5.2), with the status that it has there:
/// `invalid_client` is 401, what is our fault 5xx, all else 400.
void write_refusal(const oauth::Refusal& refusal, net::HttpResponse& response);

/// A refusal of an access token: `WWW-Authenticate` says why (RFC 6750, 3; RFC 9449, 7.1).
void write_challenge(const oauth::Refusal& refusal, bool is_dpop, net::HttpResponse& response);

/// Sends the browser to the client, or has it post the answer there. Nobody on the way keeps it or
/// learns where it came from.
void write_return(const oauth::ReturnAnswer& answer, net::HttpResponse& response);
void write_redirect(std::string_view url, net::HttpResponse& response);

/// Pages of others may ask: no cookie counts at this endpoint.
void allow_any_origin(net::HttpResponse& response);
/// The answer to a page's question whether it may (`OPTIONS`).
void write_preflight(std::string_view methods, net::HttpResponse& response);

}  // namespace wardlock::oidc
