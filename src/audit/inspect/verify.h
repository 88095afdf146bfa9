#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/inspect/finding.h"
#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// What a log is compared with.
struct VerifyOptions {
  std::string folder = {};
  /// Who must have signed; nothing: the key that lies in the folder is believed.
  std::optional<merkle::VerifierKey> key = {};
  /// A checkpoint that was kept elsewhere, a signed note; empty: there is none.
  std::string outside_checkpoint = {};
  std::string outside_name = {};  ///< what it is called in findings, e.g. its file
};

/// Who confirmed a log from outside. For whoever asks: nothing here does.
struct AskedWitness {
  std::string url;
  bool is_verified = false;  ///< its signature was, with a key from outside
};

/// What came of it.
struct Verification {
  std::string origin;
  std::optional<merkle::VerifierKey> key;  ///< that signs it now
  /// That signatures were checked with: the one that was believed, and those that it leads to.
  std::vector<merkle::VerifierKey> keys = {};
  bool is_key_from_outside = false;
  /// The tree of all records that were read; nothing where some are missing.
  std::optional<merkle::TreeHead> head;
  std::uint64_t records = 0;
  std::uint64_t covered = 0;                     ///< records that the latest checkpoint covers
  std::optional<merkle::TreeHead> covered_head;  ///< what that checkpoint says
  /// Records that a checkpoint from outside covers, and that it has confirmed.
  std::optional<std::uint64_t> confirmed;
  std::optional<AskedWitness> witness;  ///< that has confirmed all that is covered
  std::uint64_t segments = 0;
  std::uint64_t checkpoints = 0;  ///< in the segments
  std::uint64_t bytes = 0;        ///< of the segments
  std::uint64_t spooled = 0;      ///< records that wait in the spool
  bool is_open = false;           ///< it is being written: it was read up to its latest checkpoint
  std::uint64_t beyond = 0;       ///< records that lie behind that, and were not read
  Findings findings;

  bool is_whole() const { return findings.faults() == 0; }
};

/// So many bytes of so many were read.
using ReportProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// Checks a log from its first byte to its last: every record, the tree computed anew from the
/// records, every checkpoint, the tiles and places that are derived from the records, the spool.
/// Writes nothing; the log may be in use. `report` may be empty.
///
/// What it proves: nobody without the log's key changed a record that a checkpoint covers. Whether
/// the log's end was cut off, or all of it written anew by who has the key, only a checkpoint from
/// outside tells.
///
/// Errors: not_found where the folder holds no log; invalid_argument where the outside checkpoint
/// is none; the files'. What is wrong with the log is no error.
Result<Verification> verify_log(Files& files, const VerifyOptions& options,
                                const ReportProgress& report);

}  // namespace wardlock::audit
