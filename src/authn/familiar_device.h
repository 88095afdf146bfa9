#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/hmac.h"

namespace wardlock::authn {

/// Marks of devices on which somebody has signed in, to be kept there as a cookie: a device with a
/// mark is told from strangers, and is slowed down on its own account alone. A mark lets nobody in.
/// Thread-safe.
class FamiliarDevice {
 public:
  /// The key is the house's own for this, and outlives restarts.
  explicit FamiliarDevice(const crypto::HmacKey& key) : key_(key) {}

  /// A fresh mark for a device on which this authenticator's owner has just signed in.
  std::string new_mark(std::string_view authenticator) const;

  /// What the mark's device is called as a source of attempts; nothing where we did not give the
  /// mark, or not for this authenticator.
  std::optional<std::string> source_of(std::string_view mark, std::string_view authenticator) const;

 private:
  std::string seal(std::string_view device, std::string_view authenticator) const;

  crypto::HmacKey key_;
};

}  // namespace wardlock::authn
