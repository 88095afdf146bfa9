#include "jose/jwt.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace wardlock::jose {
namespace {

using Members = boost::json::object;
using Seconds = std::chrono::sys_seconds;

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::kUnauthenticated, std::string(why));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// RFC 7515, 4.1.9: a media type, whose `application/` may be left out.
std::string media_type(std::string_view type) {
  std::string out(type);
  std::ranges::transform(out, out.begin(), lower);
  constexpr std::string_view kPrefix = "application/";
  const bool has_prefix = out.starts_with(kPrefix) && !out.substr(kPrefix.size()).contains('/');
  return has_prefix ? out.substr(kPrefix.size()) : out;
}

bool is_of_type(std::string_view found, std::string_view expected) {
  const std::string type = media_type(found);
  return expected.empty() ? type.empty() || type == "jwt" : type == media_type(expected);
}

/// RFC 7519, 2: seconds since 1970, perhaps with a fraction, which is left out.
Result<std::optional<Seconds>> time_of(const Members& claims, std::string_view name) {
  const codec::Json* value = claims.if_contains(name);
  if (!value) return std::nullopt;
  constexpr double kLatest = 253'402'300'799;  // the year 9999
  if (!value->is_number()) return refuse("a time in the token is not a number");
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLatest)) return refuse("a time in the token is out of range");
  return Seconds(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

bool is_for(const Members& claims, std::string_view audience) {
  const codec::Json* value = claims.if_contains("aud");
  const auto is_it = [&](const codec::Json& entry) {
    return entry.is_string() && std::string_view(entry.get_string()) == audience;
  };
  if (!value) return false;
  return value->is_array() ? std::ranges::any_of(value->get_array(), is_it) : is_it(*value);
}

std::string_view text_in(const Members& claims, std::string_view name) {
  const codec::Json* value = claims.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

/// The end of its life, where it lives now.
Result<Seconds> check_times(const Members& claims, const JwtExpectations& expectations) {
  const auto expires = TRY(time_of(claims, "exp"));
  const auto begins = TRY(time_of(claims, "nbf"));
  const auto issued = TRY(time_of(claims, "iat"));
  const Seconds latest = expectations.now + expectations.leeway;
  if (!expires) return refuse("the token has no `exp`");
  if (*expires <= expectations.now - expectations.leeway) return refuse("the token has expired");
  if (begins && *begins > latest) return refuse("the token is not valid yet");
  if (issued && *issued > latest) return refuse("the token was issued in the future");
  if (expectations.max_lifetime.count() > 0) {
    if (!issued) return refuse("the token has no `iat`");
    if (*expires - *issued > expectations.max_lifetime) return refuse("the token lives too long");
  }
  return *expires;
}

}  // namespace

std::string_view VerifiedJwt::text(std::string_view claim) const { return text_in(claims_, claim); }

Result<VerifiedJwt> verify_jwt(const UnverifiedJws& jws, const KeySet& keys,
                               const JwtExpectations& expectations) {
  const VerificationKey* key = keys.find(jws.key_id());
  if (!key) return refuse("no key that is known has the `kid` of the token");
  if (!jws.is_signed_by(*key)) return refuse("the signature of the token is not its key's");
  if (!is_of_type(jws.type(), expectations.type)) return refuse("the token is of another type");
  constexpr codec::JsonLimits kLimits = {
      .max_bytes = kMaxJwsBytes, .max_depth = 16, .max_members = 128};
  codec::Json json = TRY(codec::parse_json(jws.payload(), kLimits));
  if (!json.is_object()) return refuse("the claims of the token are not a JSON object");
  VerifiedJwt jwt;
  jwt.claims_ = std::move(json.get_object());
  if (!expectations.issuer.empty() && text_in(jwt.claims_, "iss") != expectations.issuer) {
    return refuse("the token comes from another issuer");
  }
  if (!expectations.audience.empty() && !is_for(jwt.claims_, expectations.audience)) {
    return refuse("the token is for another audience");
  }
  jwt.expires_ = TRY(check_times(jwt.claims_, expectations));
  jwt.key_id_ = jws.key_id();
  return jwt;
}

std::string sign_jwt(const SigningKey& key, std::string_view type,
                     const boost::json::object& claims) {
  return sign_jws(key, type, codec::to_json_text(codec::Json(claims)));
}

}  // namespace wardlock::jose
