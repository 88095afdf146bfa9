#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hsm/module.h"

namespace wardlock::hsm {

inline CK_BYTE_PTR bytes_of(std::string& text) {
  return reinterpret_cast<CK_BYTE_PTR>(text.data());
}

/// A session with a token, signed in to. Private to this room. For one thread.
class TokenSession {
 public:
  static Result<std::unique_ptr<TokenSession>> open(const std::string& module,
                                                    const std::string& token, std::string_view pin);
  ~TokenSession();
  TokenSession(const TokenSession&) = delete;
  TokenSession& operator=(const TokenSession&) = delete;

  CK_FUNCTION_LIST& functions() const { return module_.functions(); }
  CK_SESSION_HANDLE handle() const { return handle_; }
  const std::string& token() const { return token_; }  ///< for messages

  /// What a call has answered; `doing` is followed by the token's name.
  Result<void> check(CK_RV code, std::string_view doing) const;
  /// Those that have all of the attributes; at most two are looked for.
  Result<std::vector<CK_OBJECT_HANDLE>> find(std::span<CK_ATTRIBUTE> wanted) const;

 private:
  TokenSession(Module module, std::string token)
      : module_(std::move(module)), token_(std::move(token)) {}
  Result<void> log_in(CK_SLOT_ID slot, std::string_view pin);

  Module module_;
  std::string token_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
};

}  // namespace wardlock::hsm
