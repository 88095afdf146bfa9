#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wardlock::crypto {

/// 32 secret bytes. They are zeroed when it ends, cannot be printed, and are compared in constant
/// time. A key of zeros until it is given one.
class SymmetricKey {
 public:
  static constexpr std::size_t kBytes = 32;
  using Bytes = std::span<const std::uint8_t, kBytes>;

  SymmetricKey() = default;
  explicit SymmetricKey(Bytes bytes);
  ~SymmetricKey();
  SymmetricKey(const SymmetricKey&) = default;
  SymmetricKey& operator=(const SymmetricKey&) = default;

  /// A new one from OpenSSL's generator.
  static SymmetricKey random();

  /// For those who compute with it. Valid as long as the key.
  Bytes bytes() const { return bytes_; }

  bool operator==(const SymmetricKey& other) const;

 private:
  std::array<std::uint8_t, kBytes> bytes_ = {};
};

}  // namespace wardlock::crypto
