#include "hsm/signing_token.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "codec/der.h"
#include "crypto/sha256.h"
#include "hsm/session.h"

namespace wardlock::hsm {
namespace {

using namespace std::string_view_literals;

/// The curves' names as CKA_EC_PARAMS has them: object identifiers in DER, or what was written for
/// Ed25519 before it had one.
constexpr std::string_view kP256 = "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv;
constexpr std::string_view kEd25519 = "\x06\x03\x2b\x65\x70"sv;
constexpr std::string_view kEd25519Name =
    "\x13\x0c"
    "edwards25519"sv;

constexpr std::size_t kCoordinateBytes = 32;

/// The only object of its class under the label.
Result<CK_OBJECT_HANDLE> find_one(const TokenSession& session, CK_OBJECT_CLASS object_class,
                                  const std::string& label) {
  std::string text = label;
  std::array<CK_ATTRIBUTE, 2> wanted = {
      {{CKA_CLASS, &object_class, sizeof object_class}, {CKA_LABEL, text.data(), text.size()}}};
  const auto found = TRY(session.find(wanted));
  if (found.size() == 1) return found.front();
  return fail(ErrorCode::kNotFound,
              fmt::format("the token `{}` has {} {} key with the label `{}`", session.token(),
                          found.empty() ? "no" : "more than one",
                          object_class == CKO_PRIVATE_KEY ? "private" : "public", label));
}

Result<std::string> read_attribute(const TokenSession& session, CK_OBJECT_HANDLE object,
                                   CK_ATTRIBUTE_TYPE type) {
  constexpr std::size_t kMaxBytes = 1'024;  // points and names of curves are far shorter
  std::string value(kMaxBytes, '\0');
  CK_ATTRIBUTE attribute{type, value.data(), value.size()};
  TRY_VOID(session.check(
      session.functions().C_GetAttributeValue(session.handle(), object, &attribute, 1),
      "asking for a key of"));
  if (attribute.ulValueLen > value.size()) {
    return invalid(
        fmt::format("the token `{}` answers in a form that is not PKCS#11's", session.token()));
  }
  value.resize(attribute.ulValueLen);
  return value;
}

Result<crypto::PublicKey> read_public_key(const TokenSession& session, const std::string& label) {
  const CK_OBJECT_HANDLE object = TRY(find_one(session, CKO_PUBLIC_KEY, label));
  const std::string curve = TRY(read_attribute(session, object, CKA_EC_PARAMS));
  const std::string encoded = TRY(read_attribute(session, object, CKA_EC_POINT));
  codec::DerReader reader(encoded);
  const auto element = reader.next(codec::DerTag::kOctetString);
  // An OCTET STRING, says the standard; some give what is in it.
  const std::string_view point = element && reader.at_end() ? element->contents : encoded;
  if (curve == kP256 && point.size() == 1 + 2 * kCoordinateBytes && point.front() == '\x04') {
    return crypto::PublicKey::from_point(crypto::KeyType::kP256, point.substr(1, kCoordinateBytes),
                                         point.substr(1 + kCoordinateBytes));
  }
  if (curve == kEd25519 || curve == kEd25519Name) return crypto::PublicKey::from_ed25519(point);
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the key `{}` of the token `{}` is none of P-256 or Ed25519", label,
                          session.token()));
}

}  // namespace

struct SigningToken::State {
  std::unique_ptr<TokenSession> session;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
};

SigningToken::SigningToken(std::unique_ptr<State> state, crypto::PublicKey public_key)
    : state_(std::move(state)), public_key_(std::move(public_key)) {}
SigningToken::~SigningToken() = default;
SigningToken::SigningToken(SigningToken&&) noexcept = default;

Result<SigningToken> SigningToken::open(const TokenKeyName& name, std::string_view pin) {
  auto state = std::make_unique<State>();
  state->session = TRY(TokenSession::open(name.module, name.token, pin));
  state->key = TRY(find_one(*state->session, CKO_PRIVATE_KEY, name.key));
  auto public_key = TRY(read_public_key(*state->session, name.key));
  return SigningToken(std::move(state), std::move(public_key));
}

Result<std::string> SigningToken::sign(std::string_view message) const {
  const bool is_ecdsa = public_key_.type() == crypto::KeyType::kP256;
  CK_MECHANISM mechanism = {is_ecdsa ? CKM_ECDSA : CKM_EDDSA, nullptr, 0};
  std::string signed_bytes(message);
  if (is_ecdsa) {
    const crypto::Sha256Digest digest = crypto::sha256(message);
    signed_bytes.assign(digest.begin(), digest.end());
  }
  std::string signature(2 * kCoordinateBytes, '\0');
  CK_ULONG size = signature.size();
  const TokenSession& session = *state_->session;
  CK_RV code = session.functions().C_SignInit(session.handle(), &mechanism, state_->key);
  if (code == CKR_OK) {
    code = session.functions().C_Sign(session.handle(), bytes_of(signed_bytes), signed_bytes.size(),
                                      bytes_of(signature), &size);
  }
  TRY_VOID(session.check(code, "signing with"));
  if (size != signature.size()) {
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("the token `{}` signs in a form that is not PKCS#11's", session.token()));
  }
  if (!is_ecdsa) return signature;
  return *crypto::ecdsa_to_der(crypto::SignatureAlgorithm::kEs256, signature);
}

}  // namespace wardlock::hsm
