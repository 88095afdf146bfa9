#include "bundle/bundle_for_test.h"

#include "base/check.h"

namespace wardlock::bundle {

std::vector<BundledFile> small_files() {
  return {{"ward.cedarschema",
           "entity User; entity Ward;\naction view appliesTo { principal: "
           "User, resource: Ward };\n"},
          {"ward.cedar", "@id(\"all\")\npermit (principal, action, resource);\n"}};
}

Statement small_statement() {
  const auto created = parse_time("2026-11-23T10:00:00Z");
  CHECK(created);
  return {.tenant = "st-mary",
          .environment = "production",
          .serial = 7,
          .created = *created,
          .expires = *created + std::chrono::days(30)};
}

UnverifiedBundle small_bundle() {
  auto content = Content::of(small_files());
  CHECK(content);
  auto bundle = UnverifiedBundle::make(small_statement(), *std::move(content));
  CHECK(bundle);
  return *std::move(bundle);
}

crypto::PrivateKey fixed_key(char byte) {
  // PKCS #8 of an Ed25519 seed (RFC 8410, section 7).
  std::string der("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
  der.append(32, byte);
  auto key = crypto::PrivateKey::from_pkcs8(Secret(der));
  CHECK(key);
  return *std::move(key);
}

std::string signed_bytes(const crypto::PrivateKey& key) {
  UnverifiedBundle bundle = small_bundle();
  const auto signer = signer_of(key);
  CHECK(signer);
  CHECK(bundle.sign(*signer));
  return bundle.bytes();
}

}  // namespace wardlock::bundle
