// What a TPM says of a key (Level 3, 8.3), in the words of TPM 2.0 Library, part 2: Structures.
#include <array>
#include <cstdint>
#include <optional>

#include "crypto/digest.h"
#include "webauthn/attestation_formats.h"

namespace wardlock::webauthn {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyType;
using crypto::PublicKey;

// TPM_ALG_ID (6.3) and TPM_ECC_CURVE (6.4).
constexpr std::uint16_t kAlgRsa = 0x0001;
constexpr std::uint16_t kAlgNull = 0x0010;
constexpr std::uint16_t kAlgEcc = 0x0023;

/// Reads big-endian structures. After the first thing that is missing, everything is.
class TpmReader {
 public:
  explicit TpmReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      is_whole_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  /// TPM2B: bytes after their number.
  std::string_view sized() { return take(u16()); }
  /// A scheme, and the hash that it names unless it is none.
  void skip_scheme() {
    if (u16() != kAlgNull) take(2);
  }

  bool is_whole() const { return is_whole_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

std::optional<HashAlgorithm> hash_named(std::uint16_t algorithm) {
  switch (algorithm) {
    case 0x0004: return HashAlgorithm::kSha1;
    case 0x000B: return HashAlgorithm::kSha256;
    case 0x000C: return HashAlgorithm::kSha384;
    case 0x000D: return HashAlgorithm::kSha512;
    default: return std::nullopt;
  }
}

std::optional<KeyType> curve_named(std::uint16_t curve) {
  switch (curve) {
    case 0x0003: return KeyType::kP256;
    case 0x0004: return KeyType::kP384;
    case 0x0005: return KeyType::kP521;
    default: return std::nullopt;
  }
}

HashAlgorithm hash_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEs384:
    case SignatureAlgorithm::kRs384:
    case SignatureAlgorithm::kPs384: return HashAlgorithm::kSha384;
    case SignatureAlgorithm::kEs512:
    case SignatureAlgorithm::kRs512:
    case SignatureAlgorithm::kPs512: return HashAlgorithm::kSha512;
    default: return HashAlgorithm::kSha256;
  }
}

/// A number of the TPM's, without leading zeros, at the curve's size.
std::string padded(std::string_view number, KeyType curve) {
  const std::size_t size = curve == KeyType::kP256 ? 32 : curve == KeyType::kP384 ? 48 : 66;
  return number.size() < size ? std::string(size - number.size(), '\0').append(number)
                              : std::string(number);
}

/// TPMT_PUBLIC's parameters and key, after what all kinds have in common.
Result<PublicKey> read_rsa(TpmReader& reader) {
  reader.skip_scheme();
  reader.u16();  // the key's bits
  const std::uint32_t given = reader.number(4);
  const std::string_view modulus = reader.sized();
  constexpr std::uint32_t kDefaultExponent = 65537;
  const std::uint32_t exponent = given == 0 ? kDefaultExponent : given;
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<char>(exponent >> shift & 0xFF);
    if (byte != 0 || !bytes.empty()) bytes += byte;
  }
  return PublicKey::from_rsa(modulus, bytes);
}

Result<PublicKey> read_point(TpmReader& reader) {
  reader.skip_scheme();
  const auto curve = curve_named(reader.u16());
  reader.skip_scheme();  // of a key derivation function
  const std::string_view x = reader.sized();
  const std::string_view y = reader.sized();
  if (!curve) return invalid("the TPM's key is on none of P-256, P-384 and P-521");
  return PublicKey::from_point(*curve, padded(x, *curve), padded(y, *curve));
}

struct PublicArea {
  PublicKey key;
  std::string name;  ///< how the TPM names it: the hash's algorithm, and the hash
};

/// TPMT_PUBLIC (12.2.4) of a key that signs.
Outcome<PublicArea> read_public_area(std::string_view bytes) {
  TpmReader reader(bytes);
  const std::uint16_t type = reader.u16();
  const std::uint16_t name_algorithm = reader.u16();
  reader.number(4);  // attributes
  reader.sized();    // the policy to use it
  const bool is_unrestricted = reader.u16() == kAlgNull;
  if (!is_unrestricted || (type != kAlgRsa && type != kAlgEcc)) {
    return refuse_attestation("the TPM's key is not one for signing");
  }
  Result<PublicKey> key = type == kAlgRsa ? read_rsa(reader) : read_point(reader);
  if (!reader.is_whole()) return refuse_attestation("`pubArea` of the attestation is damaged");
  PublicKey read = TRY(as_part_of(Step::kAttestation, std::move(key)));
  const auto hash = hash_named(name_algorithm);
  if (!hash) return refuse_attestation("the TPM's key is named by a hash that is not taken");
  std::string name = {static_cast<char>(name_algorithm >> 8),
                      static_cast<char>(name_algorithm & 0xFF)};
  name += crypto::digest(*hash, bytes);
  return PublicArea{.key = std::move(read), .name = std::move(name)};
}

/// TPMS_ATTEST (10.12.8): what the TPM certified.
Outcome<void> check_cert_info(std::string_view bytes, std::string_view nonce,
                              std::string_view name) {
  constexpr std::uint32_t kGenerated = 0xFF544347;  // made by a TPM
  constexpr std::uint16_t kCertify = 0x8017;        // about a key
  constexpr std::size_t kClockBytes = 17;
  constexpr std::size_t kFirmwareBytes = 8;
  TpmReader reader(bytes);
  const std::uint32_t magic = reader.number(4);
  const std::uint16_t type = reader.u16();
  reader.sized();  // who signs
  const std::string_view extra = reader.sized();
  reader.take(kClockBytes + kFirmwareBytes);
  const std::string_view certified = reader.sized();
  reader.sized();  // the key's qualified name
  if (!reader.is_whole()) return refuse_attestation("`certInfo` of the attestation is damaged");
  if (magic != kGenerated || type != kCertify) {
    return refuse_attestation("`certInfo` is not what a TPM certified of a key");
  }
  if (extra != nonce) return refuse_attestation("the TPM certified for another ceremony");
  if (certified != name) return refuse_attestation("the TPM certified another key");
  return {};
}

/// Level 3, 8.3.1: what an attestation identity key's certificate must look like.
Outcome<void> check_certificate(const x509::Certificate& certificate, const Aaguid& aaguid) {
  if (certificate.version() != 3) {
    return refuse_attestation("the attestation certificate is not of version 3");
  }
  if (!certificate.has_empty_subject()) {
    return refuse_attestation("the attestation certificate of a TPM has a subject");
  }
  // TCG EK Credential Profile, 3.2.9: manufacturer, model and version.
  for (const std::string_view attribute : {"2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"}) {
    if (!certificate.alternative_name_attribute(attribute)) {
      return refuse_attestation("the attestation certificate does not name the TPM");
    }
  }
  if (!certificate.has_extended_key_usage("2.23.133.8.3")) {
    return refuse_attestation("the attestation certificate is not for an attestation key");
  }
  if (!certificate.is_marked_end_entity()) {
    return refuse_attestation("the attestation certificate may sign certificates");
  }
  return check_aaguid_extension(certificate, aaguid);
}

}  // namespace

Outcome<Attestation> verify_tpm(const AttestationStatement& about) {
  const codec::Cbor* version = about.statement.find("ver");
  if (!version || version->text() != "2.0") return refuse_attestation("the TPM is not 2.0");
  const SignatureAlgorithm algorithm = TRY(statement_algorithm(about.statement));
  const std::string_view signature = TRY(statement_bytes(about.statement, "sig"));
  const std::string_view cert_info = TRY(statement_bytes(about.statement, "certInfo"));
  const std::string_view public_bytes = TRY(statement_bytes(about.statement, "pubArea"));
  auto chain = TRY(statement_chain(about.statement));
  const PublicArea area = TRY(read_public_area(public_bytes));
  if (!(area.key == about.key.key)) {
    return refuse_attestation("the TPM's key is not the credential's");
  }
  std::string text(about.authenticator_data);
  text += about.client_data_hash;
  TRY_VOID(check_cert_info(cert_info, crypto::digest(hash_of(algorithm), text), area.name));
  TRY_VOID(check_attested_signature(chain.front(), algorithm, cert_info, signature));
  TRY_VOID(check_certificate(chain.front(), about.parsed.credential->aaguid));
  return Attestation{.type = AttestationType::kCertificate, .chain = std::move(chain)};
}

}  // namespace wardlock::webauthn
