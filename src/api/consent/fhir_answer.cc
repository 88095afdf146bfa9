#include "api/consent/fhir_answer.h"

#include <string>

#include "base/utf8.h"

namespace wardlock::consent_api {
namespace {

/// A code of FHIR's IssueType.
std::string_view issue_of(int status) {
  switch (status) {
    case 400: return "invalid";
    case 401: return "login";
    case 403: return "forbidden";
    case 404: return "not-found";
    case 405: return "not-supported";
    case 409:
    case 412: return "conflict";
    case 413: return "too-long";
    case 503: return "transient";
    default: return "exception";
  }
}

/// `Consent.status` of "`Consent.status` is missing"; empty: it is about no element.
std::string_view element_in(std::string_view diagnostics) {
  if (!diagnostics.starts_with("`Consent")) return {};
  const std::size_t end = diagnostics.find('`', 1);
  return end == std::string_view::npos ? std::string_view() : diagnostics.substr(1, end - 1);
}

}  // namespace

void write_resource(const codec::Json& resource, net::HttpResponse& response) {
  response.content_type = "application/fhir+json";
  response.headers.add("Cache-Control", "no-store");
  response.body = codec::to_json_text(resource);
}

void refuse(int status, std::string_view diagnostics, net::HttpResponse& response) {
  response.clear();
  response.status = status;
  boost::json::object issue{
      {"severity", "error"}, {"code", issue_of(status)}, {"diagnostics", printable(diagnostics)}};
  const std::string_view element = element_in(diagnostics);
  if (!element.empty()) issue["expression"] = boost::json::array{printable(element)};
  if (status == 503) response.headers.add("Retry-After", "1");
  write_resource(boost::json::object{{"resourceType", "OperationOutcome"},
                                     {"issue", boost::json::array{std::move(issue)}}},
                 response);
}

void refuse(const Error& error, net::HttpResponse& response) {
  constexpr int kConflict = 409;
  constexpr int kNotThatVersion = 412;
  switch (error.code) {
    case ErrorCode::kFailedPrecondition: return refuse(kConflict, error.message, response);
    case ErrorCode::kAborted: return refuse(kNotThatVersion, error.message, response);
    default: return refuse(net::http_status(error.code), error.message, response);
  }
}

}  // namespace wardlock::consent_api
