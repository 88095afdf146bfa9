#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock::crypto {

/// Seals texts, so that who keeps them for us can neither read nor change them: AES-256-GCM (NIST
/// SP 800-38D) under a random key that never leaves this object. Thread-safe; good for 2^32 texts.
class SealingKey {
 public:
  SealingKey();
  ~SealingKey();
  SealingKey(const SealingKey&) = delete;
  SealingKey& operator=(const SealingKey&) = delete;

  /// The text, sealed together with what it belongs to, which is not in it.
  std::string seal(std::string_view text, std::string_view belongs_to) const;

  /// The text; nothing where it was not sealed with this key, for this, or was changed.
  std::optional<std::string> open(std::string_view sealed, std::string_view belongs_to) const;

 private:
  std::array<std::uint8_t, 32> key_;
};

}  // namespace wardlock::crypto
