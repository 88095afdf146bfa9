#include "hsm/session.h"

#include <fmt/format.h>
#include <string.h>

#include <array>
#include <utility>

namespace wardlock::hsm {

Result<std::unique_ptr<TokenSession>> TokenSession::open(const std::string& module,
                                                         const std::string& token,
                                                         std::string_view pin) {
  Module loaded = TRY(Module::load(module));
  const CK_SLOT_ID slot = TRY(loaded.find_slot(token));
  std::unique_ptr<TokenSession> session(new TokenSession(std::move(loaded), token));
  TRY_VOID(session->log_in(slot, pin));
  return session;
}

TokenSession::~TokenSession() {
  if (handle_ != CK_INVALID_HANDLE) functions().C_CloseSession(handle_);
}

Result<void> TokenSession::check(CK_RV code, std::string_view doing) const {
  if (code == CKR_OK) return {};
  return std::unexpected(error_of(code, fmt::format("{} the token `{}`", doing, token_)));
}

Result<void> TokenSession::log_in(CK_SLOT_ID slot, std::string_view pin) {
  TRY_VOID(check(functions().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle_),
                 "opening"));
  std::string digits(pin);
  const CK_RV code = functions().C_Login(handle_, CKU_USER, bytes_of(digits), digits.size());
  explicit_bzero(digits.data(), digits.size());
  if (code == CKR_USER_ALREADY_LOGGED_IN) return {};
  return check(code, "signing in to");
}

Result<std::vector<CK_OBJECT_HANDLE>> TokenSession::find(std::span<CK_ATTRIBUTE> wanted) const {
  TRY_VOID(
      check(functions().C_FindObjectsInit(handle_, wanted.data(), wanted.size()), "searching"));
  std::array<CK_OBJECT_HANDLE, 2> found = {};
  CK_ULONG count = 0;
  const CK_RV code = functions().C_FindObjects(handle_, found.data(), found.size(), &count);
  functions().C_FindObjectsFinal(handle_);
  TRY_VOID(check(code, "searching"));
  return std::vector<CK_OBJECT_HANDLE>(found.begin(), found.begin() + static_cast<long>(count));
}

}  // namespace wardlock::hsm
