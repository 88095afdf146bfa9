#include "api/scim/refusal.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace wardlock::scim {
namespace {

constexpr std::string_view kMediaType = "application/scim+json";
constexpr std::string_view kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAborted: return 412;            // only versions are compared
    case ErrorCode::kResourceExhausted: return 413;  // more than can be told to the audit log
    default: return net::http_status(code);
  }
}

std::string_view type_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return to_string(ErrorType::kInvalidValue);
    // "the attempted modification is not compatible with … current state" (table 9)
    case ErrorCode::kFailedPrecondition: return to_string(ErrorType::kMutability);
    case ErrorCode::kAlreadyExists: return "uniqueness";
    default: return {};
  }
}

}  // namespace

Refusal::Refusal(const ScimError& error)
    : status(400), type(to_string(error.type)), detail(error.message) {}

Refusal::Refusal(const Error& error)
    : status(status_of(error.code)), type(type_of(error.code)), detail(error.message) {}

std::unexpected<Refusal> refused(int status, std::string_view type, std::string detail) {
  return std::unexpected(Refusal(status, type, std::move(detail)));
}

codec::Json to_json(const Refusal& refusal) {
  boost::json::object message = {{"schemas", {kErrorSchema}},
                                 {"status", fmt::format("{}", refusal.status)}};
  if (!refusal.type.empty()) message["scimType"] = refusal.type;
  message["detail"] = refusal.detail;
  return message;
}

void write_error(int status, std::string_view detail, net::HttpResponse& response) {
  response.status = status;
  response.content_type = kMediaType;
  response.body = codec::to_json_text(to_json(Refusal(status, {}, printable(detail))));
}

}  // namespace wardlock::scim
