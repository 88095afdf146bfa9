#include "authn/oauth/refusal.h"

#include <algorithm>
#include <array>

namespace wardlock::oauth {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "invalid_scope",
    "invalid_target",
    "access_denied",
    "login_required",
    "interaction_required",
    "consent_required",
    "unmet_authentication_requirements",
    "authorization_pending",
    "slow_down",
    "expired_token",
    "invalid_token",
    "insufficient_scope",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "request_not_supported",
    "request_uri_not_supported",
    "invalid_request_uri",
    "registration_not_supported",
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "invalid_software_statement",
    "unapproved_software_statement",
    "server_error",
    "temporarily_unavailable",
});
static_assert(kNames.size() == static_cast<std::size_t>(Fault::kTemporarilyUnavailable) + 1);

Fault fault_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return Fault::kInvalidRequest;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kAborted:
    case ErrorCode::kResourceExhausted: return Fault::kTemporarilyUnavailable;
    default: return Fault::kServerError;
  }
}

std::string_view public_words(const Error& error) {
  switch (fault_of(error.code)) {
    case Fault::kInvalidRequest: return error.message;
    case Fault::kTemporarilyUnavailable: return "this cannot be answered now; try again";
    default: return "this cannot be answered; the server's log says more";
  }
}

}  // namespace

std::string_view to_string(Fault fault) { return kNames.at(static_cast<std::size_t>(fault)); }

Refusal::Refusal(Fault what, std::string_view why) : fault(what), description(why) {}

Refusal::Refusal(const Error& error)
    : fault(fault_of(error.code)), description(descriptive(public_words(error))) {}

std::unexpected<Refusal> refuse(Fault fault, std::string_view why) {
  return std::unexpected(Refusal(fault, why));
}

std::string descriptive(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    if (c == '"' || c == '`') return '\'';
    return c < 0x20 || c > 0x7e || c == '\\' ? '?' : c;
  });
  return out;
}

}  // namespace wardlock::oauth
