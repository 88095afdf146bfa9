#include "webauthn/attestation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "codec/der.h"
#include "webauthn/attestation_formats.h"

namespace wardlock::webauthn {
namespace {

using codec::Cbor;

Outcome<Attestation> verify_none(const AttestationStatement& statement) {
  const Cbor::Map* members = statement.statement.map();
  if (!members || !members->empty()) {
    return refuse_attestation("an attestation of format `none` says nothing");
  }
  return Attestation{};
}

}  // namespace

std::string_view to_string(AttestationType type) {
  switch (type) {
    case AttestationType::kNone: return "none";
    case AttestationType::kSelf: return "self";
    case AttestationType::kCertificate: return "certificate";
  }
  __builtin_unreachable();
}

std::unexpected<Failure> refuse_attestation(std::string message) {
  return fail(Step::kAttestation, std::move(message));
}

Outcome<std::string_view> statement_bytes(const Cbor& statement, std::string_view name) {
  const Cbor* member = statement.find(name);
  const auto bytes = member ? member->bytes() : std::nullopt;
  if (!bytes) return refuse_attestation(fmt::format("the attestation has no bytes `{}`", name));
  return *bytes;
}

Outcome<SignatureAlgorithm> statement_algorithm(const Cbor& statement) {
  const Cbor* member = statement.find("alg");
  const auto number = member ? member->integer() : std::nullopt;
  const auto algorithm = number ? cose_algorithm(*number) : std::nullopt;
  if (!algorithm) return refuse_attestation("the attestation has no `alg` that is taken");
  return *algorithm;
}

Outcome<std::vector<x509::Certificate>> statement_chain(const Cbor& statement) {
  constexpr std::size_t kMaxCertificates = 8;
  const Cbor* member = statement.find("x5c");
  const Cbor::Array* list = member ? member->array() : nullptr;
  if (!list || list->empty() || list->size() > kMaxCertificates) {
    return refuse_attestation("the attestation has no list `x5c` of 1 to 8 certificates");
  }
  std::vector<x509::Certificate> chain;
  for (const Cbor& entry : *list) {
    const auto der = entry.bytes();
    if (!der) return refuse_attestation("an entry of `x5c` is no byte string");
    chain.push_back(TRY(as_part_of(Step::kAttestation, x509::Certificate::from_der(*der))));
  }
  return chain;
}

Outcome<void> check_attested_signature(const x509::Certificate& certificate,
                                       SignatureAlgorithm algorithm, std::string_view text,
                                       std::string_view signature) {
  const auto key = TRY(as_part_of(Step::kAttestation, certificate.public_key()));
  if (!key.verify(algorithm, text, signature)) {
    return refuse_attestation("the attestation was not signed with its certificate's key");
  }
  return {};
}

Outcome<void> check_aaguid_extension(const x509::Certificate& certificate, const Aaguid& aaguid) {
  const auto extension = certificate.extension("1.3.6.1.4.1.45724.1.1.4");
  if (!extension) return {};
  if (extension->is_critical) return refuse_attestation("the AAGUID's extension is critical");
  codec::DerReader reader(extension->value);
  const auto named = TRY(as_part_of(Step::kAttestation, reader.next(codec::DerTag::kOctetString)));
  const std::string_view expected(reinterpret_cast<const char*>(aaguid.data()), aaguid.size());
  if (!reader.at_end() || named.contents != expected) {
    return refuse_attestation("the certificate is for another model (AAGUID) than the data");
  }
  return {};
}

Outcome<Attestation> verify_attestation(const AttestationStatement& statement) {
  if (statement.format == "none") return verify_none(statement);
  if (statement.format == "packed") return verify_packed(statement);
  if (statement.format == "tpm") return verify_tpm(statement);
  if (statement.format == "android-key") return verify_android_key(statement);
  if (statement.format == "fido-u2f") return verify_fido_u2f(statement);
  if (statement.format == "apple") return verify_apple(statement);
  return fail(Step::kAttestationFormat,
              fmt::format("the attestation's format `{}` is none of `none`, `packed`, `tpm`, "
                          "`android-key`, `fido-u2f` and `apple`",
                          printable(statement.format)));
}

}  // namespace wardlock::webauthn
