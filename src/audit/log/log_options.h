#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/key_change.h"
#include "audit/log/sealer.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// What came out of the spool into the log.
struct SpoolReport {
  std::uint64_t records = 0;
  std::uint64_t missing = 0;  ///< records that were in the spool and are not there any more
  std::uint64_t refused = 0;  ///< drafts that nothing was done for while the log was failing
  std::string why;            ///< the log was failing
};

/// How a log is kept. Sizes are bytes.
struct LogOptions {
  explicit LogOptions(merkle::SignerKey signer) : key(std::move(signer)) {}

  std::string folder;     ///< created where it is missing; what is above it is not
  std::string origin;     ///< first line of its checkpoints, e.g. `wardlock.example/st-mary/audit`
  merkle::SignerKey key;  ///< signs its checkpoints and its spool
  /// That led to the key, oldest first: checkpoints from before are theirs.
  std::vector<KeyChange> key_changes = {};
  /// Signs checkpoints beside it; see log_key.h. Nothing: the key is not about to change.
  std::optional<merkle::SignerKey> next_key = {};

  /// At least `kMinSegmentBytes`; a multiple of 4096.
  std::uint64_t segment_bytes = 64ULL * 1024 * 1024;
  /// How many segments are prepared beyond the one that is written: the space reserved for when the
  /// disk is full. 1 to 16.
  std::uint32_t segments_ahead = 1;
  /// So much may wait at each appender.
  std::size_t queue_bytes = 8 * 1024 * 1024;
  /// Where the spool is; empty: in `folder`. Elsewhere, it survives what breaks the log's disk.
  std::string spool_folder;
  /// A file that says what the spool holds, so that its removal shows. Best where whoever can write
  /// to the spool can't, e.g. beside the key. Empty: there is none.
  std::string spool_note;
  /// 0: there is none.
  std::uint64_t spool_bytes = 16ULL * 1024 * 1024;

  /// What full segments get. Immutable files can't be removed before root lifts it (`chattr -i`).
  Protection protection = Protection::kImmutable;

  /// So long a batch waits at most for those who were just answered to come again, and no longer
  /// than a tenth of what the batch before it took: so that many who ask and wait share a sync. Who
  /// asks alone waits for nobody. 0: a batch begins as soon as the one before it is synced.
  std::chrono::microseconds commit_delay{1000};
  /// Checkpoints are signed no more often than that; 0: after each batch.
  std::chrono::milliseconds checkpoint_interval{1000};
  /// A failing log tries again that often.
  std::chrono::milliseconds retry_interval{1000};
  /// Whose disk takes longer than that is failing, too, until it answers: it is spooled and refused
  /// meanwhile.
  std::chrono::milliseconds stall{5000};

  /// Asked once, while the log is opened and before anything is signed, with its latest checkpoint
  /// (empty before the first): an error keeps it from being opened. May be empty.
  std::function<Result<void>(const std::string& checkpoint)> before_signing;
  Sealer seal;
  /// Called on the log's thread when there are more durable records; must not block. May be empty.
  std::function<void()> on_growth;
  /// Writes the draft of the event that tells of the spool. Called on the log's thread. Empty: no
  /// such event is written.
  std::function<void(const SpoolReport&, std::string& draft)> write_spool_event;
};

inline constexpr std::uint64_t kMinSegmentBytes = 256ULL * 1024;

}  // namespace wardlock::audit
