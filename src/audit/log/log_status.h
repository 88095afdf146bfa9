#pragma once

#include <cstdint>
#include <string>

namespace wardlock::audit {

/// What operators watch.
struct LogStatus {
  std::uint64_t size = 0;             ///< records that are durable
  std::uint64_t checkpoint_size = 0;  ///< records that the latest checkpoint covers
  /// Records that no checkpoint covered when it was opened: whoever wrote it before was killed, or
  /// somebody without its key added them. They count, and are signed for.
  std::uint64_t found_unsigned = 0;
  std::uint64_t batches = 0;        ///< since it was opened
  std::uint64_t refused = 0;        ///< drafts, since it was opened
  std::uint64_t unrecorded = 0;     ///< of the refused, those that nothing waited for
  std::uint64_t spooled = 0;        ///< drafts, since it was opened
  std::uint64_t spool_missing = 0;  ///< records that were in the spool and are not there any more,
                                    ///< told of since it was opened
  std::uint64_t spool_used = 0;     ///< bytes
  std::uint64_t spool_bytes = 0;    ///< that there are in all
  bool is_preparing = true;         ///< the space that is reserved for a full disk is not there yet
  bool is_failing = false;
  std::string why;  ///< it is failing; empty while it is not
  /// Why no segment is ready for when this one is full, or files that are derived from the segments
  /// lag behind; the log works all the same. Empty where all is well.
  std::string warning;
};

}  // namespace wardlock::audit
