#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "authn/caller_registry.h"
#include "net/http.h"

namespace wardlock::authn {

/// Why a caller was sent away; for counting and for the log.
enum class Rejection : std::uint8_t {
  kNoCredentials,
  kMisplaced,  ///< a token where it does not belong
  kMalformed,  ///< not `Bearer` and a token
  kUnknownToken,
  kUnknownCertificate,
  kMismatch,   ///< certificate and token name different callers
  kThrottled,  ///< too many failures from there
};
inline constexpr std::size_t kRejections = 7;

/// As it appears in the log and in metrics, e.g. `unknown_token`.
std::string_view to_string(Rejection rejection);

struct Refused {
  Rejection rejection;
  int status = 401;
  std::string_view detail;     ///< a constant: never holds anything of a credential
  std::string_view challenge;  ///< a constant, for `WWW-Authenticate`; may be empty
};

/// Who asks: by the client certificate of the connection, by `Authorization: Bearer`, or by both,
/// which must then name the same caller. A credential anywhere else (query, `X-API-Key`, another
/// scheme) is refused. The result lives in the registry.
std::expected<const KnownCaller*, Refused> authenticate(const net::HttpRequest& request,
                                                        const CallerRegistry& registry);

/// The bearer token that a request has, if it has one that is in its place and well-formed. For
/// those who know of more tokens than a registry.
std::expected<std::optional<std::string_view>, Refused> bearer_token(
    const net::HttpRequest& request);

}  // namespace wardlock::authn
