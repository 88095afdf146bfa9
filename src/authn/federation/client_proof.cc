#include "authn/federation/client_proof.h"

#include <fmt/format.h>

#include "codec/base64.h"
#include "jose/jwt.h"
#include "net/query_string.h"

namespace wardlock::authn {
namespace {

Secret basic(const std::string& client_id, const Secret& secret) {
  std::string pair =
      fmt::format("{}:{}", net::percent_encoded(client_id), net::percent_encoded(secret.reveal()));
  std::string value =
      "Basic " +
      codec::to_base64(std::span(reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()));
  Secret header(value);
  wipe(pair);
  wipe(value);
  return header;
}

}  // namespace

ClientProof prove_client(const ProviderSettings& settings, std::string_view id,
                         std::chrono::sys_seconds now) {
  ClientProof proof;
  if (const auto* secret = std::get_if<Secret>(&settings.proof)) {
    proof.authorization = basic(settings.client_id, *secret);
    return proof;
  }
  const std::int64_t at = now.time_since_epoch().count();
  const boost::json::object claims = {
      {"iss", settings.client_id},
      {"sub", settings.client_id},
      {"aud", settings.issuer},
      {"jti", id},
      {"iat", at},
      {"exp", at + 60},
  };
  proof.assertion = jose::sign_jwt(std::get<jose::SigningKey>(settings.proof), "", claims);
  return proof;
}

}  // namespace wardlock::authn
