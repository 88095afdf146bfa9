#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/hash.h"
#include "merkle/proof.h"

namespace wardlock::merkle {

/// C2SP tlog-proof@v1: all that it takes to believe, offline, that an entry is in a log. Pure and
/// thread-safe; any input may be hostile.
struct TlogProof {
  std::optional<std::string> extra;  ///< bytes that nothing vouches for; not empty
  std::uint64_t index = 0;
  Proof inclusion;
  std::string checkpoint;  ///< the signed note, verbatim

  bool operator==(const TlogProof&) const = default;
};

/// What such files are called: `.tlog-proof`.
inline constexpr std::string_view kTlogProofExtension = ".tlog-proof";

/// Errors: invalid_argument where it is not exactly a proof, says which line. The checkpoint must
/// be a note; what it says is looked at by `verify_tlog_proof`.
Result<TlogProof> parse_tlog_proof(std::string_view text);
/// What `parse_tlog_proof` reads. Errors: as there.
Result<std::string> format_tlog_proof(const TlogProof& proof);

/// Verifies that the entry with this `leaf_hash` is number `proof.index` of the log, in the tree of
/// the proof's checkpoint, which it returns. Errors: those of `open_checkpoint` and
/// `verify_inclusion`.
Result<VerifiedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf,
                                             const CheckpointPolicy& policy);

}  // namespace wardlock::merkle
