#include "hsm/token_key.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "crypto/random.h"
#include "hsm/session.h"

namespace wardlock::hsm {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

/// AES-GCM as PKCS#11 v2.40 §2.11 asks for it. Borrows both.
class Gcm {
 public:
  Gcm(std::string& nonce, std::string& belongs_to) {
    parameters_.iv_ptr = bytes_of(nonce);
    parameters_.iv_len = nonce.size();
    parameters_.iv_bits = 8 * nonce.size();
    parameters_.aad_ptr = bytes_of(belongs_to);
    parameters_.aad_len = belongs_to.size();
    parameters_.tag_bits = 8 * kTagBytes;
    mechanism_.mechanism = CKM_AES_GCM;
    mechanism_.pParameter = &parameters_;
    mechanism_.ulParameterLen = sizeof parameters_;
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  CK_MECHANISM* mechanism() { return &mechanism_; }

 private:
  CK_GCM_PARAMS parameters_ = {};
  CK_MECHANISM mechanism_ = {};
};

}  // namespace

struct TokenKey::Session {
  std::unique_ptr<TokenSession> token;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;

  CK_FUNCTION_LIST& functions() const { return token->functions(); }
  CK_SESSION_HANDLE handle() const { return token->handle(); }
  Result<void> check(CK_RV code, std::string_view doing) const { return token->check(code, doing); }
  Result<void> find_key(std::string_view label);
};

Result<void> TokenKey::Session::find_key(std::string_view label) {
  CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
  CK_KEY_TYPE aes = CKK_AES;
  std::string text(label);
  std::array<CK_ATTRIBUTE, 3> wanted = {{{CKA_CLASS, &secret, sizeof secret},
                                         {CKA_KEY_TYPE, &aes, sizeof aes},
                                         {CKA_LABEL, text.data(), text.size()}}};
  const auto found = TRY(token->find(wanted));
  if (found.size() != 1) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the token `{}` has {} AES key with the label `{}`", token->token(),
                            found.empty() ? "no" : "more than one", label));
  }
  key = found.front();
  return {};
}

TokenKey::TokenKey(std::unique_ptr<Session> session) : session_(std::move(session)) {}
TokenKey::~TokenKey() = default;
TokenKey::TokenKey(TokenKey&&) noexcept = default;

Result<TokenKey> TokenKey::open(const TokenKeyName& name, std::string_view pin) {
  auto session = std::make_unique<Session>();
  session->token = TRY(TokenSession::open(name.module, name.token, pin));
  TRY_VOID(session->find_key(name.key));
  return TokenKey(std::move(session));
}

Result<std::string> TokenKey::seal(std::string_view text, std::string_view belongs_to) const {
  std::string nonce(kNonceBytes, '\0');
  crypto::fill_random({reinterpret_cast<std::uint8_t*>(nonce.data()), nonce.size()});
  std::string bound(belongs_to);
  std::string clear(text);
  Gcm gcm(nonce, bound);
  std::string sealed(text.size() + kTagBytes, '\0');
  CK_ULONG size = sealed.size();
  auto& functions = session_->functions();
  CK_RV code = functions.C_EncryptInit(session_->handle(), gcm.mechanism(), session_->key);
  if (code == CKR_OK) {
    code = functions.C_Encrypt(session_->handle(), bytes_of(clear), clear.size(), bytes_of(sealed),
                               &size);
  }
  explicit_bzero(clear.data(), clear.size());
  TRY_VOID(session_->check(code, "sealing with"));
  if (size != sealed.size()) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the token `{}` answers AES-GCM in a form that is not PKCS#11's",
                            session_->token->token()));
  }
  return nonce + sealed;
}

Result<std::string> TokenKey::unseal(std::string_view sealed, std::string_view belongs_to) const {
  const auto damaged = [&] {
    return fail(ErrorCode::kDataLoss,
                fmt::format("it was not sealed by that key of the token `{}`, or was changed",
                            session_->token->token()));
  };
  if (sealed.size() < kNonceBytes + kTagBytes) return damaged();
  std::string nonce(sealed.substr(0, kNonceBytes));
  std::string body(sealed.substr(kNonceBytes));
  std::string bound(belongs_to);
  Gcm gcm(nonce, bound);
  std::string text(body.size(), '\0');  // as much as some libraries ask for
  CK_ULONG size = text.size();
  auto& functions = session_->functions();
  const CK_RV begun = functions.C_DecryptInit(session_->handle(), gcm.mechanism(), session_->key);
  TRY_VOID(session_->check(begun, "opening with"));
  const CK_RV code =
      functions.C_Decrypt(session_->handle(), bytes_of(body), body.size(), bytes_of(text), &size);
  // PKCS#11 says CKR_ENCRYPTED_DATA_INVALID; libraries say what they like, SoftHSM a general error.
  if (code == CKR_ENCRYPTED_DATA_INVALID || code == CKR_ENCRYPTED_DATA_LEN_RANGE ||
      code == CKR_GENERAL_ERROR || code == CKR_DATA_INVALID) {
    return damaged();
  }
  TRY_VOID(session_->check(code, "opening with"));
  text.resize(size);
  return text;
}

}  // namespace wardlock::hsm
