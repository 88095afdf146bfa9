#include "hsm/token_key.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "crypto/random.h"
#include "hsm/module.h"

namespace wardlock::hsm {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

CK_BYTE_PTR bytes_of(std::string& text) { return reinterpret_cast<CK_BYTE_PTR>(text.data()); }

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
  Module module;
  std::string token;  ///< for messages
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;

  Session(Module from, std::string label) : module(std::move(from)), token(std::move(label)) {}
  ~Session() {
    if (handle != CK_INVALID_HANDLE) functions().C_CloseSession(handle);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  CK_FUNCTION_LIST& functions() const { return module.functions(); }

  Result<void> check(CK_RV code, std::string_view doing) const {
    if (code == CKR_OK) return {};
    return std::unexpected(error_of(code, fmt::format("{} the token `{}`", doing, token)));
  }
  Result<void> log_in(CK_SLOT_ID slot, std::string_view pin);
  Result<void> find_key(std::string_view label);
};

Result<void> TokenKey::Session::log_in(CK_SLOT_ID slot, std::string_view pin) {
  TRY_VOID(check(functions().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle),
                 "opening"));
  std::string digits(pin);
  const CK_RV code = functions().C_Login(handle, CKU_USER, bytes_of(digits), digits.size());
  explicit_bzero(digits.data(), digits.size());
  if (code == CKR_USER_ALREADY_LOGGED_IN) return {};
  return check(code, "signing in to");
}

Result<void> TokenKey::Session::find_key(std::string_view label) {
  CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
  CK_KEY_TYPE aes = CKK_AES;
  std::string text(label);
  std::array<CK_ATTRIBUTE, 3> wanted = {{{CKA_CLASS, &secret, sizeof secret},
                                         {CKA_KEY_TYPE, &aes, sizeof aes},
                                         {CKA_LABEL, text.data(), text.size()}}};
  TRY_VOID(check(functions().C_FindObjectsInit(handle, wanted.data(), wanted.size()), "searching"));
  std::array<CK_OBJECT_HANDLE, 2> found = {};
  CK_ULONG count = 0;
  const CK_RV code = functions().C_FindObjects(handle, found.data(), found.size(), &count);
  functions().C_FindObjectsFinal(handle);
  TRY_VOID(check(code, "searching"));
  if (count != 1) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the token `{}` has {} AES key with the label `{}`", token,
                            count == 0 ? "no" : "more than one", label));
  }
  key = found.front();
  return {};
}

TokenKey::TokenKey(std::unique_ptr<Session> session) : session_(std::move(session)) {}
TokenKey::~TokenKey() = default;
TokenKey::TokenKey(TokenKey&&) noexcept = default;

Result<TokenKey> TokenKey::open(const TokenKeyName& name, std::string_view pin) {
  Module module = TRY(Module::load(name.module));
  const CK_SLOT_ID slot = TRY(module.find_slot(name.token));
  auto session = std::make_unique<Session>(std::move(module), name.token);
  TRY_VOID(session->log_in(slot, pin));
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
  CK_RV code = functions.C_EncryptInit(session_->handle, gcm.mechanism(), session_->key);
  if (code == CKR_OK) {
    code = functions.C_Encrypt(session_->handle, bytes_of(clear), clear.size(), bytes_of(sealed),
                               &size);
  }
  explicit_bzero(clear.data(), clear.size());
  TRY_VOID(session_->check(code, "sealing with"));
  if (size != sealed.size()) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the token `{}` answers AES-GCM in a form that is not PKCS#11's",
                            session_->token));
  }
  return nonce + sealed;
}

Result<std::string> TokenKey::unseal(std::string_view sealed, std::string_view belongs_to) const {
  const auto damaged = [&] {
    return fail(ErrorCode::kDataLoss,
                fmt::format("it was not sealed by that key of the token `{}`, or was changed",
                            session_->token));
  };
  if (sealed.size() < kNonceBytes + kTagBytes) return damaged();
  std::string nonce(sealed.substr(0, kNonceBytes));
  std::string body(sealed.substr(kNonceBytes));
  std::string bound(belongs_to);
  Gcm gcm(nonce, bound);
  std::string text(body.size(), '\0');  // as much as some libraries ask for
  CK_ULONG size = text.size();
  auto& functions = session_->functions();
  const CK_RV begun = functions.C_DecryptInit(session_->handle, gcm.mechanism(), session_->key);
  TRY_VOID(session_->check(begun, "opening with"));
  const CK_RV code =
      functions.C_Decrypt(session_->handle, bytes_of(body), body.size(), bytes_of(text), &size);
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
