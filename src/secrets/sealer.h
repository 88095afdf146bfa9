#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/sealing_key.h"
#include "crypto/symmetric_key.h"

namespace wardlock::secrets {

/// What a secret is and whose: nothing that is sealed for one place opens in another.
struct Place {
  std::string_view tenant;
  std::string_view purpose;  ///< e.g. `answer`: a constant of whoever keeps it
  std::string_view name;     ///< which one, within tenant and purpose
};

/// The name of a key: 16 hexadecimal digits, made from the key itself, so that no two are mixed up.
/// It reveals nothing of the key.
std::string key_id(const crypto::SymmetricKey& key);

/// Seals texts for a database (AES-256-GCM), under the first of its keys; opens what was sealed
/// under any of them. What is sealed says which key, and is bound to its place. Thread-safe; a key
/// is good for 2^32 texts.
class Sealer {
 public:
  /// Error: kInvalidArgument, there is no key, or one is there twice.
  static Result<Sealer> make(std::span<const crypto::SymmetricKey> keys);

  std::string seal(const Place& place, std::string_view text) const;

  /// Errors: kFailedPrecondition, it was sealed under a key that is not among these; kDataLoss, it
  /// was changed, belongs to another place, or was never sealed.
  Result<std::string> open(const Place& place, std::string_view sealed) const;

  /// The id of the key that seals.
  const std::string& current() const;
  bool knows(std::string_view key_id) const;
  /// Of all keys, the current one first.
  std::vector<std::string> key_ids() const;

 private:
  struct Key;
  explicit Sealer(std::vector<std::shared_ptr<const Key>> keys) : keys_(std::move(keys)) {}
  const Key* find(std::string_view id) const;

  std::vector<std::shared_ptr<const Key>> keys_;
};

}  // namespace wardlock::secrets
