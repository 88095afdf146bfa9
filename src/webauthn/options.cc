#include "webauthn/options.h"

#include <cstdint>

#include "codec/base64url.h"
#include "codec/json.h"
#include "webauthn/cose_key.h"

namespace wardlock::webauthn {
namespace {

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

boost::json::array descriptors(std::span<const std::string> ids) {
  boost::json::array all;
  for (const std::string& id : ids) {
    all.push_back(boost::json::object{{"type", "public-key"}, {"id", encoded(id)}});
  }
  return all;
}

std::string_view verification(bool is_demanded) { return is_demanded ? "required" : "preferred"; }

}  // namespace

std::string creation_options_json(const CreationOptions& options) {
  const AuthenticatorRules& rules = options.rules;
  boost::json::array algorithms;
  for (const SignatureAlgorithm each : rules.algorithms) {
    algorithms.push_back(boost::json::object{{"type", "public-key"}, {"alg", cose_number(each)}});
  }
  const bool looks_at_attestation =
      rules.demands_trust || !rules.anchors.empty() || !rules.aaguids.empty();
  return codec::to_json_text(boost::json::object{
      {"rp", boost::json::object{{"id", options.party.id}, {"name", options.party_name}}},
      {"user", boost::json::object{{"id", encoded(options.user.handle)},
                                   {"name", options.user.name},
                                   {"displayName", options.user.display_name}}},
      {"challenge", encoded(options.challenge)},
      {"pubKeyCredParams", std::move(algorithms)},
      {"timeout", options.timeout.count()},
      {"excludeCredentials", descriptors(options.known_ids)},
      {"authenticatorSelection",
       boost::json::object{{"residentKey", "required"},
                           {"requireResidentKey", true},
                           {"userVerification", verification(rules.demands_user_verification)}}},
      {"attestation", looks_at_attestation ? "direct" : "none"}});
}

std::string request_options_json(const RequestOptions& options) {
  return codec::to_json_text(
      boost::json::object{{"challenge", encoded(options.challenge)},
                          {"timeout", options.timeout.count()},
                          {"rpId", options.party.id},
                          {"allowCredentials", descriptors(options.ids)},
                          {"userVerification", verification(options.demands_user_verification)}});
}

}  // namespace wardlock::webauthn
