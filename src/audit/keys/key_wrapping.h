#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "audit/keys/key_cache.h"
#include "base/error.h"
#include "crypto/symmetric_key.h"
#include "event/sealed_record.h"
#include "event/subject.h"

namespace wardlock::audit {

/// What the master key makes of subjects and their keys, so that they can lie in a file.
class KeyWrapping {
 public:
  explicit KeyWrapping(const crypto::SymmetricKey& master);

  /// Under which a subject is found.
  RandomName name_of(const event::Subject& subject) const;

  /// The key, sealed and bound to its id.
  std::string wrap(const event::SubjectKey& key) const;
  /// Error: kDataLoss, it is damaged, or another's.
  Result<crypto::SymmetricKey> unwrap(std::span<const std::uint8_t> wrapped,
                                      const event::KeyId& id) const;

  /// What proves that a file belongs to this master key.
  std::string make_proof() const;
  bool check_proof(std::string_view proof) const;

 private:
  std::string seal(std::string_view text, std::string_view belongs_to) const;

  crypto::SymmetricKey wrap_, find_;
};

std::span<const std::uint8_t> bytes_of(std::string_view text);
std::string_view text_of(std::span<const std::uint8_t> bytes);

}  // namespace wardlock::audit
