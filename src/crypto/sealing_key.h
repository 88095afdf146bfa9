#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/symmetric_key.h"

namespace wardlock::crypto {

/// Seals texts, so that who keeps them for us can neither read nor change them: AES-256-GCM (NIST
/// SP 800-38D) with random nonces. Thread-safe; good for 2^32 texts.
class SealingKey {
 public:
  /// A random key, which never leaves this object.
  SealingKey() : key_(SymmetricKey::random()) {}
  explicit SealingKey(const SymmetricKey& key) : key_(key) {}
  SealingKey(const SealingKey&) = delete;
  SealingKey& operator=(const SealingKey&) = delete;

  /// The text, sealed together with what it belongs to, which is not in it.
  std::string seal(std::string_view text, std::string_view belongs_to) const;

  /// The text; nothing where it was not sealed with this key, for this, or was changed.
  std::optional<std::string> open(std::string_view sealed, std::string_view belongs_to) const;

 private:
  SymmetricKey key_;
};

}  // namespace wardlock::crypto
