#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "audit/files/files.h"
#include "audit/log/log_options.h"
#include "audit/log/records.h"
#include "audit/log/segment.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

/// Where records are kept that must not wait for a log that can't be written. It is a segment of a
/// small log of its own, `ORIGIN/spool`, in which a signed checkpoint follows each batch; its space
/// is taken when it is made. Not thread-safe.
class Spool {
 public:
  /// Opens the spool in the options' spool folder, or makes it. Records in it that were not
  /// durable, with their checkpoint, are dropped: nobody was told of them. Errors: data_loss where
  /// it is damaged; the files'. `files` must outlive it. Requires `options.spool_bytes` not to be
  /// 0.
  static Result<std::unique_ptr<Spool>> open(const LogOptions& options, Files& files);

  /// Makes records durable and signed for. Errors: resource_exhausted where it is full; the files'.
  /// After an error none of them is kept, and it may be tried again.
  Result<void> append(const Records& records);

  /// Between two batches.
  struct Position {
    std::uint64_t offset = kSegmentHeaderBytes;
    std::uint64_t records = 0;

    bool operator==(const Position&) const = default;
  };
  Position end() const { return {.offset = offset_, .records = tree_.size()}; }

  bool empty() const { return tree_.size() == 0; }
  std::uint64_t records() const { return tree_.size(); }
  std::uint64_t used() const { return offset_ - kSegmentHeaderBytes; }
  std::uint64_t bytes() const { return bytes_; }

  /// Gives out what it holds from there to there, batch by batch in order. Another thread may
  /// append meanwhile. Errors: those of `take`; the files'.
  Result<void> read(const Position& from, const Position& to,
                    const std::function<Result<void>(const Records&)>& take) const;

  /// Empties it, durably.
  Result<void> clear();

 private:
  Spool(const LogOptions& options, Files& files);

  Result<void> make();
  Result<void> find_end();
  Result<void> check_tail(SegmentReader& reader);
  Result<void> take(const ReadFrame& read, std::uint64_t end);
  Result<void> reopen();
  Result<void> wipe(std::uint64_t from, std::uint64_t to);

  Files& files_;
  const std::string folder_;
  const std::string path_;
  const std::uint64_t bytes_;
  const merkle::SignerKey key_;
  const merkle::CheckpointPolicy policy_;

  std::unique_ptr<File> file_;  // null after an error
  SegmentSalt salt_{};
  merkle::CompactRange tree_;   // of what is durable
  merkle::CompactRange taken_;  // while it is opened: with a batch whose checkpoint is to come
  std::uint64_t offset_ = kSegmentHeaderBytes;
  std::uint64_t garbage_end_ = kSegmentHeaderBytes;  // up to there something may follow `offset_`
};

}  // namespace wardlock::audit
