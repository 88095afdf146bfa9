#pragma once

#include <string>
#include <string_view>

#include "crypto/public_key.h"
#include "hsm/token_key.h"

namespace wardlock::hsm {

/// A token of SoftHSM in a folder of its own, with AES keys `first` and `second` and PIN `1234`.
/// Its keys `p256` and `ed25519` sign, `p384` is of another curve.
class TokenForTest {
 public:
  TokenForTest();
  ~TokenForTest();
  TokenForTest(const TokenForTest&) = delete;
  TokenForTest& operator=(const TokenForTest&) = delete;

  /// Whether SoftHSM is installed.
  static bool is_possible();

  TokenKeyName name(std::string_view key = "first") const {
    return {.module = module_, .token = "ward", .key = std::string(key)};
  }
  std::string path(std::string_view file) const { return folder_ + "/" + std::string(file); }

 private:
  void import(const std::string& label, const std::string& id) const;
  void import_signing(const std::string& label, const std::string& id, crypto::KeyType type) const;

  std::string folder_;
  std::string module_;
};

}  // namespace wardlock::hsm
