#include "authn/federation/id_token.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "crypto/digest.h"

namespace wardlock::authn {
namespace {

using boost::json::object;

constexpr std::chrono::seconds kLeeway(60);
constexpr std::chrono::seconds kLongestLife = std::chrono::hours(24);
constexpr std::size_t kMostSubjectBytes = 255;  // OpenID Connect Core, 2
constexpr std::size_t kMostMethods = 32;

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kUnauthenticated, std::move(message));
}

std::optional<std::int64_t> seconds(const object& claims, std::string_view name) {
  const codec::Json* found = claims.if_contains(name);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  return found->get_int64();
}

/// That the token is for us alone, or for us as the party that asked (3.1.3.7, 3 to 5).
Result<void> check_party(const object& claims, const std::string& client_id) {
  const codec::Json& audience = claims.at("aud");
  const codec::Json* party = claims.if_contains("azp");
  if (party == nullptr) {
    if (!audience.is_array() || audience.get_array().size() == 1) return {};
    return refuse("the token is for several, and does not say who asked");
  }
  if (party->is_string() && party->get_string() == client_id) return {};
  return refuse("the token was asked for by somebody else");
}

Result<void> check_nonce(const jose::VerifiedJwt& token, std::string_view nonce) {
  if (!nonce.empty() && crypto::equal_in_constant_time(token.text("nonce"), nonce)) return {};
  return refuse("the token is not the one that was asked for: its nonce is another");
}

Result<std::string> subject_of(const jose::VerifiedJwt& token) {
  const std::string_view subject = token.text("sub");
  const bool is_plain = std::ranges::all_of(subject, [](char c) { return c >= ' ' && c <= '~'; });
  if (!subject.empty() && subject.size() <= kMostSubjectBytes && is_plain) {
    return std::string(subject);
  }
  return refuse("the token's subject is missing or malformed");
}

/// When its owner signed in there; at least not later than the token was made.
Result<std::int64_t> authenticated_at(const object& claims, const ProviderSettings& provider,
                                      const IdTokenExpectations& expected) {
  const std::int64_t now = expected.now.time_since_epoch().count();
  const std::int64_t made = seconds(claims, "iat").value_or(0);
  const auto said = seconds(claims, "auth_time");
  if (claims.contains("auth_time") && !said) return refuse("the token's `auth_time` is no time");
  if (said && (*said < 0 || *said > now + kLeeway.count())) {
    return refuse("the token's `auth_time` is of the future");
  }
  if (!provider.max_age && !expected.not_before) return said.value_or(made);
  if (!said) return refuse("the token does not say when its owner signed in");
  const std::int64_t since = expected.not_before ? expected.not_before->time_since_epoch().count()
                                                 : now - provider.max_age->count();
  if (*said + kLeeway.count() < since) return refuse("its owner signed in there too long ago");
  return *said;
}

std::vector<std::string> methods_in(const object& claims) {
  std::vector<std::string> methods;
  const codec::Json* found = claims.if_contains("amr");
  if (found == nullptr || !found->is_array()) return methods;
  for (const codec::Json& each : found->get_array()) {
    if (each.is_string() && methods.size() < kMostMethods) {
      methods.emplace_back(each.get_string());
    }
  }
  return methods;
}

}  // namespace

Result<ForeignIdentity> read_id_token(const jose::UnverifiedJws& token, const jose::KeySet& keys,
                                      const ProviderSettings& provider,
                                      const IdTokenExpectations& expected) {
  const jose::VerifiedJwt verified = TRY(jose::verify_jwt(token, keys,
                                                          {.type = "",
                                                           .issuer = provider.issuer,
                                                           .audience = provider.client_id,
                                                           .now = expected.now,
                                                           .leeway = kLeeway,
                                                           .max_lifetime = kLongestLife}));
  const object& claims = verified.claims();
  TRY_VOID(check_party(claims, provider.client_id));
  TRY_VOID(check_nonce(verified, expected.nonce));
  ForeignIdentity identity;
  identity.issuer = provider.issuer;
  identity.subject = TRY(subject_of(verified));
  const std::int64_t at = TRY(authenticated_at(claims, provider, expected));
  const std::vector<std::string> methods = methods_in(claims);
  identity.assurance.level = level_by(provider.assurance, verified.text("acr"), methods);
  identity.assurance.methods = methods_of(method_bits(methods));
  identity.assurance.authenticated_ms = at * 1000;
  return identity;
}

}  // namespace wardlock::authn
