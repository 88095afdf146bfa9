#include "api/oidc/reply.h"

#include <fmt/format.h>

#include "codec/base64.h"
#include "crypto/sha256.h"

namespace wardlock::oidc {
namespace {

using net::HttpResponse;
using oauth::Fault;

/// Posts the form as soon as it is there. Named by its hash, so that no other script runs.
constexpr std::string_view kScript = "document.forms[0].submit()";

int status_of(Fault fault) {
  switch (fault) {
    case Fault::kInvalidClient: return 401;
    case Fault::kInvalidToken: return 401;
    case Fault::kInsufficientScope:
    case Fault::kRegistrationNotSupported: return 403;
    case Fault::kServerError: return 500;
    case Fault::kTemporarilyUnavailable: return 503;
    default: return 400;
  }
}

void keep_nowhere(HttpResponse& response) {
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Pragma", "no-cache");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

/// OAuth 2.0 Form Post Response Mode.
void write_form(const oauth::ReturnAnswer& answer, HttpResponse& response) {
  response.content_type = "text/html; charset=utf-8";
  response.headers.add(
      "Content-Security-Policy",
      fmt::format("default-src 'none'; script-src 'sha256-{}'; frame-ancestors 'none'; base-uri "
                  "'none'",
                  codec::to_base64(crypto::sha256(kScript))));
  std::string& html = response.body;
  html = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Going on</title>"
      "</head><body><form method=\"post\" action=\"{}\">",
      escaped(answer.to.redirect_uri));
  for (const auto& [name, value] : answer.parameters.list()) {
    html += fmt::format("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name),
                        escaped(value));
  }
  html += fmt::format(
      "<button type=\"submit\">Go on</button></form><script>{}</script></body></html>", kScript);
}

}  // namespace

void write_json(int status, const boost::json::object& json, HttpResponse& response) {
  response.status = status;
  response.content_type = "application/json";
  keep_nowhere(response);
  response.body = codec::to_json_text(codec::Json(json));
}

void write_refusal(const oauth::Refusal& refusal, HttpResponse& response) {
  write_json(status_of(refusal.fault),
             {{"error", to_string(refusal.fault)}, {"error_description", refusal.description}},
             response);
  if (response.status == 401) {
    response.headers.add("WWW-Authenticate", "Basic realm=\"wardlock\", charset=\"UTF-8\"");
  }
  if (response.status == 503) response.headers.add("Retry-After", "1");
}

void write_challenge(const oauth::Refusal& refusal, bool is_dpop, HttpResponse& response) {
  const bool is_ours =
      refusal.fault == Fault::kServerError || refusal.fault == Fault::kTemporarilyUnavailable;
  if (is_ours) return write_refusal(refusal, response);
  write_json(refusal.fault == Fault::kInsufficientScope ? 403 : 401,
             {{"error", to_string(refusal.fault)}, {"error_description", refusal.description}},
             response);
  response.headers.add(
      "WWW-Authenticate",
      fmt::format("{} realm=\"wardlock\", error=\"{}\", error_description=\"{}\"{}",
                  is_dpop ? "DPoP" : "Bearer", to_string(refusal.fault), refusal.description,
                  is_dpop ? ", algs=\"ES256 ES384 EdDSA PS256 RS256\"" : ""));
}

void write_redirect(std::string_view url, HttpResponse& response) {
  response.status = 303;
  keep_nowhere(response);
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Location", url);
}

void write_return(const oauth::ReturnAnswer& answer, HttpResponse& response) {
  if (answer.to.mode == oauth::ResponseMode::kQuery) {
    return write_redirect(answer.url(), response);
  }
  keep_nowhere(response);
  response.headers.add("Referrer-Policy", "no-referrer");
  write_form(answer, response);
}

void allow_any_origin(HttpResponse& response) {
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.headers.add("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate");
}

void write_preflight(std::string_view methods, HttpResponse& response) {
  response.status = 204;
  response.headers.add("Access-Control-Allow-Methods", methods);
  response.headers.add("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP");
  response.headers.add("Access-Control-Max-Age", "600");
}

}  // namespace wardlock::oidc
