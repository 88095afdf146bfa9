#include "authn/authenticate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "authn/token.h"

namespace wardlock::authn {
namespace {

using net::equal_ignoring_case;
using net::HttpRequest;

template <std::size_t Size>
consteval auto misplaced_detail(const char (&place)[Size]) {
  constexpr std::string_view kBefore = "a credential does not belong into ";
  constexpr std::string_view kAfter =
      ", where logs keep it; send `Authorization: Bearer`, and replace the one you sent";
  std::array<char, kBefore.size() + Size - 1 + kAfter.size()> text{};
  char* at = std::ranges::copy(kBefore, text.begin()).out;
  at = std::copy_n(place, Size - 1, at);
  std::ranges::copy(kAfter, at);
  return text;
}

constexpr auto kInQuery = misplaced_detail("the query");
constexpr auto kInApiKey = misplaced_detail("`X-API-Key`");
constexpr auto kInAuthToken = misplaced_detail("`X-Auth-Token`");
constexpr auto kInProxyAuthorization = misplaced_detail("`Proxy-Authorization`");

std::string_view text_of(std::span<const char> text) { return {text.data(), text.size()}; }

/// Where no credential belongs, and what is said of one there.
const std::array<std::pair<std::string_view, std::string_view>, 3> kWrongHeaders = {
    {{"X-API-Key", text_of(kInApiKey)},
     {"X-Auth-Token", text_of(kInAuthToken)},
     {"Proxy-Authorization", text_of(kInProxyAuthorization)}}};

constexpr char kChallenge[] = "Bearer realm=\"wardlock\"";
constexpr char kWrongToken[] = "Bearer realm=\"wardlock\", error=\"invalid_token\"";

std::unexpected<Refused> refuse(Rejection rejection, std::string_view detail,
                                std::string_view challenge = kChallenge) {
  return std::unexpected(Refused{.rejection = rejection, .detail = detail, .challenge = challenge});
}

/// RFC 6750 §3.1: such a request is malformed, whoever sent it.
std::unexpected<Refused> misplaced(std::string_view detail) {
  return std::unexpected(
      Refused{.rejection = Rejection::kMisplaced,
              .status = 400,
              .detail = detail,
              .challenge = "Bearer realm=\"wardlock\", error=\"invalid_request\""});
}

bool has_token_in_query(std::string_view query) {
  constexpr std::array<std::string_view, 6> kNames = {"access_token", "token",  "api_key",
                                                      "apikey",       "bearer", "authorization"};
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::string_view name = pair.substr(0, pair.find('='));
    const auto is_it = [&](std::string_view each) { return equal_ignoring_case(each, name); };
    if (std::ranges::any_of(kNames, is_it) || pair.contains("wlk_")) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::kNoCredentials: return "no_credentials";
    case Rejection::kMisplaced: return "misplaced";
    case Rejection::kMalformed: return "malformed";
    case Rejection::kUnknownToken: return "unknown_token";
    case Rejection::kUnknownCertificate: return "unknown_certificate";
    case Rejection::kMismatch: return "mismatch";
    case Rejection::kThrottled: break;
  }
  return "throttled";
}

std::expected<const KnownCaller*, Refused> authenticate(const HttpRequest& request,
                                                        const CallerRegistry& registry) {
  const std::optional<std::string_view> token = TRY(bearer_token(request));
  const net::PeerCertificate* certificate = request.peer_certificate;
  if (!token && certificate == nullptr) {
    return refuse(Rejection::kNoCredentials,
                  "say who you are: `Authorization: Bearer` and a token, or a client certificate");
  }
  const KnownCaller* by_certificate = nullptr;
  if (certificate != nullptr) {
    by_certificate = registry.find_certificate(certificate->fingerprint, certificate->names);
    if (by_certificate == nullptr) {
      return refuse(Rejection::kUnknownCertificate, "no caller is known by this certificate");
    }
  }
  if (!token) return by_certificate;
  const KnownCaller* by_token = registry.find_token(*token);
  if (by_token == nullptr) {
    return refuse(Rejection::kUnknownToken, "no caller is known by this token", kWrongToken);
  }
  if (by_certificate != nullptr && by_certificate != by_token) {
    return refuse(Rejection::kMismatch, "the certificate and the token are those of two callers");
  }
  return by_token;
}

std::expected<std::optional<std::string_view>, Refused> bearer_token(const HttpRequest& request) {
  if (has_token_in_query(request.query)) return misplaced(text_of(kInQuery));
  std::optional<std::string_view> value;
  for (const net::HttpHeader& header : request.headers) {
    for (const auto& [name, detail] : kWrongHeaders) {
      if (equal_ignoring_case(header.name, name)) return misplaced(detail);
    }
    if (!equal_ignoring_case(header.name, "Authorization")) continue;
    if (value) return refuse(Rejection::kMalformed, "`Authorization` must come once");
    value = header.value;
  }
  if (!value) return std::nullopt;
  constexpr std::string_view kScheme = "Bearer ";
  if (!equal_ignoring_case(value->substr(0, kScheme.size()), kScheme)) {
    return refuse(Rejection::kMalformed,
                  "`Authorization` must be `Bearer` and a token; other schemes are not taken");
  }
  const std::string_view token = value->substr(kScheme.size());
  if (!is_token(token)) {
    return refuse(Rejection::kMalformed,
                  "the bearer token is not of the form that `wardlock token new` prints",
                  kWrongToken);
  }
  return token;
}

}  // namespace wardlock::authn
