// What a browser sends: client data, then a zero, then an attestation object or the authenticator's
// data. It is taken or it is said why not; nobody signs in without the key.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "codec/cbor.h"
#include "webauthn/assertion.h"
#include "webauthn/registration.h"

using namespace wardlock;
using namespace wardlock::webauthn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const RelyingParty party = {
      .id = "example.org", .origins = {"https://example.org"}, .top_origins = {}};
  static const AuthenticatorRules rules = [] {
    AuthenticatorRules lenient;
    lenient.demands_user_verification = false;
    return lenient;
  }();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = std::min(bytes.find('\0'), bytes.size());
  const std::string_view client_data = bytes.substr(0, zero);
  const std::string_view object = bytes.substr(std::min(zero + 1, bytes.size()));
  // The challenge of the specification's first vector, so that what follows is reached.
  static const std::string challenge(
      "\x00\xc3\x0f\xb7\x85\x31\xc4\x64\xd2\xb6\x77\x1d\xab\x8d\x7b\x60"
      "\x3c\x01\x16\x2f\x2f\xa4\x86\xbe\xa7\x0f\x28\x3a\xe5\x56\xe1\x30",
      32);
  // The id that the object itself names, for the same reason.
  const auto cbor = codec::parse_cbor(object);
  const codec::Cbor* inner = cbor ? cbor->find("authData") : nullptr;
  const auto parsed = read_authenticator_data(inner ? inner->bytes().value_or("") : object);
  const std::string id(parsed && parsed->credential ? parsed->credential->id : "id");
  const auto credential = verify_registration(
      {.credential_id = id, .client_data_json = client_data, .attestation_object = object},
      {.party = party, .challenge = challenge, .rules = rules, .now = {}});
  CHECK(credential || !credential.error().message.empty());
  const Credential known = {.id = id, .public_key = std::string(object)};
  const auto assertion = verify_assertion(
      {.credential_id = id,
       .client_data_json = client_data,
       .authenticator_data = object,
       .signature = client_data,
       .user_handle = std::nullopt},
      known, {.party = party, .challenge = challenge, .user_handle = "", .is_user_known = true});
  CHECK(!assertion);
  return 0;
}
