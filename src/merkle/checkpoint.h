#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/note.h"
#include "merkle/note_key.h"

namespace wardlock::merkle {

/// C2SP tlog-checkpoint: a tree head of the log that is called `origin`. All functions are pure and
/// thread-safe.
struct Checkpoint {
  std::string origin;
  TreeHead head;
  std::vector<std::string> extensions;

  bool operator==(const Checkpoint&) const = default;
};

/// From a note's text. Errors: invalid_argument where it is not exactly a checkpoint's body.
Result<Checkpoint> parse_checkpoint(std::string_view note_text);
/// The note's text. Errors: invalid_argument where origin or an extension is no line of a note, or
/// the size is above 2^63 - 1, which others could not read.
Result<std::string> format_checkpoint(const Checkpoint& checkpoint);

/// The checkpoint as a signed note. Errors: as above.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const SignerKey& key,
                                    std::uint64_t unix_seconds);

/// Who must have signed a checkpoint so that it is believed.
struct CheckpointPolicy {
  std::string origin;
  std::vector<VerifierKey> log_keys;   ///< one of them must have signed
  std::vector<VerifierKey> witnesses;  ///< of a cosignature's type; one witness each
  std::size_t quorum = 0;              ///< so many different witnesses must have signed
};

/// A witness says: at that time this was the log's newest tree that I knew.
struct Cosignature {
  std::string witness;
  std::uint64_t unix_seconds = 0;
};

/// A checkpoint that satisfies a policy. Only `open_checkpoint` makes it.
class VerifiedCheckpoint {
 public:
  const Checkpoint& checkpoint() const { return checkpoint_; }
  const TreeHead& head() const { return checkpoint_.head; }
  /// Those of the policy's witnesses, in the note's order.
  const std::vector<Cosignature>& cosignatures() const { return cosignatures_; }

 private:
  friend Result<VerifiedCheckpoint> open_checkpoint(std::string_view, const CheckpointPolicy&);
  VerifiedCheckpoint() = default;

  Checkpoint checkpoint_;
  std::vector<Cosignature> cosignatures_;
};

/// Reads a signed checkpoint and checks it. Errors: invalid_argument where it is malformed or of
/// another origin, or a witness's key makes no cosignatures; unauthenticated where a known key's
/// signature is wrong, the log's is missing, or there are fewer witnesses than the quorum.
Result<VerifiedCheckpoint> open_checkpoint(std::string_view signed_note,
                                           const CheckpointPolicy& policy);

/// The signed checkpoint with more signatures below it, e.g. witnesses' that `parse_signatures`
/// read. One that is there already is not added again. Errors: as `parse_note`.
Result<std::string> add_signatures(std::string_view signed_note,
                                   std::span<const NoteSignature> signatures);

}  // namespace wardlock::merkle
