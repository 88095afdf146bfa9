#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::hsm {

/// A vendor's PKCS#11 library, loaded and ready. Private to this room.
class Module {
 public:
  static Result<Module> load(const std::string& path);
  ~Module();
  Module(Module&& other) noexcept;
  Module& operator=(Module&&) = delete;

  CK_FUNCTION_LIST& functions() const { return *functions_; }
  /// The slot of the token with the label.
  Result<CK_SLOT_ID> find_slot(std::string_view label) const;

 private:
  Module(void* library, CK_FUNCTION_LIST* functions, bool is_ours)
      : library_(library), functions_(functions), is_ours_(is_ours) {}

  void* library_;
  CK_FUNCTION_LIST* functions_;
  bool is_ours_;  ///< we made it ready, and end it
};

/// What a library answered to `doing`, in words.
Error error_of(CK_RV code, std::string_view doing);

}  // namespace wardlock::hsm
