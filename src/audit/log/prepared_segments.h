#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "audit/files/files.h"
#include "audit/log/log_folder.h"
#include "base/error.h"

namespace wardlock::audit {

/// A file of zeros that is durable, to become a segment.
struct PreparedSegment {
  std::string path;
  std::unique_ptr<File> file;
};

/// Makes the files that are to become segments, before they are needed and bit by bit: so writing a
/// batch changes nothing but bytes, which is what makes its sync cheap, and there is room for it
/// when the disk is full. Not thread-safe.
class PreparedSegments {
 public:
  /// `files` must outlive it.
  PreparedSegments(Files& files, LogPaths paths, std::uint64_t segment_bytes, std::uint32_t wanted);

  /// Removes what an earlier run has left. Call first.
  Result<void> clear();

  /// Goes on for a moment; true where there is more to do. After an error the next call tries
  /// again.
  Result<bool> advance();

  /// How much of what is wanted is there, from 0 to 1.
  double progress() const;

  /// A file of zeros, made now where none is ready.
  Result<PreparedSegment> take();

 private:
  Result<void> grow();

  Files& files_;
  const LogPaths paths_;
  const std::uint64_t segment_bytes_;
  const std::uint32_t wanted_;
  std::uint32_t next_number_ = 0;
  std::deque<PreparedSegment> ready_;
  PreparedSegment growing_;          // null file: there is none
  std::uint64_t growing_bytes_ = 0;  // of it that are zeros on the disk
};

}  // namespace wardlock::audit
