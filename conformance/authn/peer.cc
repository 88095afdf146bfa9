// Answers questions about authentication, one JSON object a line, for those who compare our answers
// with others'. See README.md.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "authn/otp/enrolment.h"
#include "authn/otp/one_time_password.h"
#include "base/check.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "jose/jwt.h"
#include "webauthn/assertion.h"
#include "webauthn/registration.h"

using namespace wardlock;

namespace {

using codec::Json;
using Members = boost::json::object;

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::string text(const Members& members, std::string_view name) {
  return std::string(members.at(name).as_string());
}
std::string bytes(const Members& members, std::string_view name) {
  const auto decoded = codec::from_base64url(text(members, name));
  CHECK(decoded);
  return *decoded;
}
std::chrono::sys_seconds now_of(const Members& members) {
  return std::chrono::sys_seconds(std::chrono::seconds(members.at("now").as_int64()));
}

authn::OneTimePasswordForm form_of(const Members& question) {
  static const std::map<std::string, crypto::HashAlgorithm> algorithms = {
      {"SHA1", crypto::HashAlgorithm::kSha1},
      {"SHA256", crypto::HashAlgorithm::kSha256},
      {"SHA512", crypto::HashAlgorithm::kSha512}};
  return {.algorithm = algorithms.at(text(question, "algorithm")),
          .digits = static_cast<std::uint32_t>(question.at("digits").as_int64()),
          .period = std::chrono::seconds(question.at("period").as_int64())};
}

Json number_or_null(std::optional<std::uint64_t> number) {
  return number ? Json(static_cast<std::int64_t>(*number)) : Json();
}

Members totp(const Members& question) {
  const Json& last = question.at("last");
  const auto step = authn::verify_totp(
      Secret(bytes(question, "secret")), form_of(question), text(question, "code"),
      now_of(question),
      last.is_null() ? std::nullopt : std::optional<std::uint64_t>(last.as_int64()));
  return {{"step", number_or_null(step)}};
}

Members hotp(const Members& question) {
  const auto next = authn::verify_hotp(
      Secret(bytes(question, "secret")), form_of(question), text(question, "code"),
      static_cast<std::uint64_t>(question.at("counter").as_int64()));
  return {{"counter", number_or_null(next)}};
}

Members enrol(const Members& question) {
  const std::string issuer = text(question, "issuer");
  const std::string account = text(question, "account");
  const Secret uri =
      authn::otpauth_uri(Secret(bytes(question, "secret")),
                         {.issuer = issuer, .account = account, .form = form_of(question)});
  return {{"uri", uri.reveal()}, {"svg", authn::qr_svg(uri).reveal()}};
}

webauthn::RelyingParty party_of(const Members& question) {
  webauthn::RelyingParty party = {
      .id = text(question, "rpId"), .origins = {text(question, "origin")}, .top_origins = {}};
  if (const Json* top = question.if_contains("topOrigin")) {
    party.top_origins.emplace_back(top->as_string());
  }
  return party;
}

Members failed(const webauthn::Failure& failure) {
  return {{"failed", webauthn::to_string(failure.step)}, {"why", failure.message}};
}

Members register_credential(const Members& question) {
  webauthn::AuthenticatorRules rules;
  rules.demands_user_verification = false;
  rules.algorithms.push_back(crypto::SignatureAlgorithm::kEs512);
  rules.demands_trust = question.contains("anchor");
  if (rules.demands_trust) {
    rules.anchors = {x509::Certificate::from_der(bytes(question, "anchor")).value()};
  }
  const std::string id = bytes(question, "id");
  const std::string client_data = bytes(question, "clientDataJSON");
  const std::string object = bytes(question, "attestationObject");
  const std::string challenge = bytes(question, "challenge");
  const webauthn::RelyingParty party = party_of(question);
  const auto credential = webauthn::verify_registration(
      {.credential_id = id, .client_data_json = client_data, .attestation_object = object},
      {.party = party, .challenge = challenge, .rules = rules, .now = now_of(question)});
  if (!credential) return failed(credential.error());
  return {{"id", encoded(credential->id)},
          {"publicKey", encoded(credential->public_key)},
          {"signCount", credential->sign_count},
          {"backupEligible", credential->is_backup_eligible},
          {"backedUp", credential->is_backed_up},
          {"userVerified", credential->was_user_verified},
          {"aaguid", webauthn::to_string(credential->aaguid)},
          {"attestation", webauthn::to_string(credential->attestation)}};
}

Members assert_credential(const Members& question) {
  const Members& kept = question.at("credential").as_object();
  const webauthn::Credential credential = {
      .id = bytes(kept, "id"),
      .public_key = bytes(kept, "publicKey"),
      .sign_count = static_cast<std::uint32_t>(kept.at("signCount").as_int64()),
      .is_backup_eligible = kept.at("backupEligible").as_bool()};
  const std::string client_data = bytes(question, "clientDataJSON");
  const std::string data = bytes(question, "authenticatorData");
  const std::string signature = bytes(question, "signature");
  const std::string challenge = bytes(question, "challenge");
  const std::string id = bytes(question, "id");
  const webauthn::RelyingParty party = party_of(question);
  const auto assertion = webauthn::verify_assertion({.credential_id = id,
                                                     .client_data_json = client_data,
                                                     .authenticator_data = data,
                                                     .signature = signature,
                                                     .user_handle = std::nullopt},
                                                    credential,
                                                    {.party = party,
                                                     .challenge = challenge,
                                                     .user_handle = "",
                                                     .is_user_known = true,
                                                     .demands_user_verification = false});
  if (!assertion) return failed(assertion.error());
  return {{"signCount", assertion->sign_count}, {"userVerified", assertion->user_verified}};
}

/// A key of ours for each algorithm, named by it.
const std::vector<jose::SigningKey>& own_keys() {
  static const std::vector<jose::SigningKey> keys = [] {
    const auto rsa = crypto::PrivateKey::generate(crypto::KeyType::kRsa);
    const std::map<std::string, crypto::PrivateKey> by_algorithm = {
        {"ES256", crypto::PrivateKey::generate(crypto::KeyType::kP256)},
        {"ES384", crypto::PrivateKey::generate(crypto::KeyType::kP384)},
        {"ES512", crypto::PrivateKey::generate(crypto::KeyType::kP521)},
        {"EdDSA", crypto::PrivateKey::generate(crypto::KeyType::kEd25519)},
        {"RS256", rsa},
        {"RS384", rsa},
        {"RS512", rsa},
        {"PS256", rsa},
        {"PS384", rsa},
        {"PS512", rsa}};
    std::vector<jose::SigningKey> made;
    for (const auto& [name, key] : by_algorithm) {
      made.push_back({.key = key, .algorithm = *jose::signature_algorithm(name), .id = name});
    }
    return made;
  }();
  return keys;
}

Members keys(const Members& /*question*/) {
  std::vector<jose::VerificationKey> all;
  for (const jose::SigningKey& key : own_keys()) all.push_back(key.verification_key());
  Members thumbprints;
  for (const jose::VerificationKey& key : all) thumbprints[key.id] = jose::thumbprint(key.key);
  return {{"set", jose::KeySet(all).to_json()}, {"thumbprints", thumbprints}};
}

Members sign(const Members& question) {
  const std::string id = text(question, "kid");
  for (const jose::SigningKey& key : own_keys()) {
    if (key.id != id) continue;
    return {
        {"token", jose::sign_jwt(key, text(question, "typ"), question.at("claims").as_object())}};
  }
  return {{"refused", "there is no such key"}};
}

Members verify(const Members& question) {
  const auto set = jose::KeySet::parse(codec::to_json_text(question.at("set")));
  if (!set) return {{"refused", set.error().message}};
  const auto jws = jose::UnverifiedJws::parse(text(question, "token"));
  if (!jws) return {{"refused", jws.error().message}};
  const std::string type = text(question, "typ");
  const std::string issuer = text(question, "iss");
  const std::string audience = text(question, "aud");
  const auto jwt = jose::verify_jwt(
      *jws, *set, {.type = type, .issuer = issuer, .audience = audience, .now = now_of(question)});
  if (!jwt) return {{"refused", jwt.error().message}};
  return {{"claims", jwt->claims()}};
}

}  // namespace

int main() {
  const std::map<std::string, Members (*)(const Members&)> answers = {
      {"totp", totp},
      {"hotp", hotp},
      {"enrol", enrol},
      {"register", register_credential},
      {"assert", assert_credential},
      {"keys", keys},
      {"sign", sign},
      {"verify", verify}};
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto question = codec::parse_json(line);
    CHECK(question && question->is_object());
    const Members& members = question->get_object();
    const Json answer = answers.at(text(members, "do"))(members);
    std::cout << codec::to_json_text(answer) << std::endl;
  }
}
