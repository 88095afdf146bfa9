#include "authn/oauth/software_statement.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "jose/jws.h"
#include "jose/jwt.h"

namespace wardlock::oauth {
namespace {

constexpr auto kOfTheJwt =
    std::to_array<std::string_view>({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"});

/// In the same words, whatever is wrong with it.
std::unexpected<Refusal> refuse_statement() {
  return refuse(Fault::kInvalidSoftwareStatement,
                "the software statement is malformed, over, for others, or not signed as its "
                "issuer signs");
}

std::string unverified_issuer(const jose::UnverifiedJws& jws) {
  const auto json = codec::parse_json(jws.payload());
  if (!json || !json->is_object()) return {};
  const codec::Json* issuer = json->get_object().if_contains("iss");
  return issuer != nullptr && issuer->is_string() ? std::string(issuer->get_string())
                                                  : std::string();
}

/// It may say for whom it is; most do not.
bool is_for(const boost::json::object& claims, std::string_view audience) {
  const codec::Json* said = claims.if_contains("aud");
  if (said == nullptr) return true;
  if (said->is_string()) return said->get_string() == audience;
  return said->is_array() && std::ranges::any_of(said->get_array(), [&](const codec::Json& each) {
           return each.is_string() && each.get_string() == audience;
         });
}

}  // namespace

boost::json::object SoftwareStatement::over(boost::json::object metadata) const {
  metadata.erase("software_statement");
  for (const auto& claim : claims) {
    if (std::ranges::find(kOfTheJwt, std::string_view(claim.key())) != kOfTheJwt.end()) continue;
    metadata[claim.key()] = claim.value();
  }
  return metadata;
}

Answer<SoftwareStatement> verify_software_statement(std::string_view text,
                                                    std::span<const SoftwareIssuer> trusted,
                                                    const Occasion& occasion) {
  const auto jws = jose::UnverifiedJws::parse(text);
  if (!jws) return refuse_statement();
  const auto by = std::ranges::find(trusted, unverified_issuer(*jws), &SoftwareIssuer::issuer);
  if (by == trusted.end()) {
    return refuse(Fault::kUnapprovedSoftwareStatement,
                  "nobody here trusts who issued the software statement");
  }
  const auto jwt = jose::verify_jwt(
      *jws, by->keys,
      {.type = {},
       .issuer = by->issuer,
       .audience = {},
       .now = std::chrono::sys_seconds(std::chrono::seconds(occasion.now_ms / 1000))});
  if (!jwt || jwt->text("software_id").empty() || !is_for(jwt->claims(), occasion.issuer)) {
    return refuse_statement();
  }
  return SoftwareStatement{.issuer = by->issuer, .claims = jwt->claims()};
}

}  // namespace wardlock::oauth
