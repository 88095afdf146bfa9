#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "crypto/sha256.h"

namespace wardlock::crypto {

/// A secret of any length for HMAC-SHA256 (RFC 2104, FIPS 198-1). It is zeroed when it ends and
/// cannot be printed.
class HmacKey {
 public:
  explicit HmacKey(std::string_view secret);
  ~HmacKey();
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;

  /// Of the parts as one text. Thread-safe.
  Sha256Digest sign(std::initializer_list<std::string_view> parts) const;

 private:
  std::array<unsigned char, 64> block_ = {};  // a secret longer than a block is hashed
};

}  // namespace wardlock::crypto
