#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log/key_change.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// Who is to have signed the checkpoints of a log, from its first to its last: a key, and after a
/// record of the log says so the next one. Not thread-safe.
class KeyChain {
 public:
  /// `keys`: oldest first, not empty; all of them are believed.
  KeyChain(std::string origin, std::vector<merkle::VerifierKey> keys);

  /// A record says that the key changes. Errors: what is wrong with it, also that it does not go on
  /// from the key that signs there.
  Result<void> announce(std::string_view note);

  /// The next checkpoint. Errors: as `merkle::open_checkpoint`; unauthenticated where a key signed
  /// that is not the log's there.
  Result<merkle::TreeHead> open(std::string_view note);

  /// All that are believed, as far as it is known; and the one that signs now.
  const std::vector<merkle::VerifierKey>& keys() const { return keys_; }
  const merkle::VerifierKey& current() const { return keys_[current_]; }

 private:
  Result<merkle::TreeHead> open_by(std::size_t key, std::string_view note) const;

  std::string origin_;
  std::vector<merkle::VerifierKey> keys_;
  std::size_t current_ = 0;
  std::size_t announced_ = 0;  // so far a record has said that keys follow
  bool is_begun_ = false;      // a checkpoint was read
};

/// The keys that are known by a trusted one, oldest first: those that it follows, and that follow
/// it, by what they have signed.
std::vector<merkle::VerifierKey> keys_connected_to(const merkle::VerifierKey& trusted,
                                                   const std::vector<KeyChange>& changes);

}  // namespace wardlock::audit
