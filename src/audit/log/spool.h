#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/log_options.h"
#include "audit/log/records.h"
#include "audit/log/segment.h"
#include "audit/log/spool_note.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

/// Where records are kept that must not wait for a log that can't be written. It is a segment of a
/// small log of its own, `ORIGIN/spool`, in which a signed checkpoint follows each batch; its space
/// is taken when it is made. Not thread-safe.
///
/// That it was removed, emptied or exchanged shows: it remembers the hashes of what it took, and a
/// note elsewhere (`LogOptions::spool_note`) has its latest checkpoint, for the next start.
class Spool {
 public:
  /// Opens the spool in the options' spool folder, or makes it. Records in it that were not
  /// durable, with their checkpoint, are dropped: nobody was told of them. Errors: data_loss where
  /// it is damaged; the files'. `files` must outlive it. Requires `options.spool_bytes` not to be
  /// 0.
  static Result<std::unique_ptr<Spool>> open(const LogOptions& options, Files& files);

  /// How many records the options' note says that a spool holds under the options' key; 0 where
  /// there is no such note. Opens no spool. Errors: the files'.
  static Result<std::uint64_t> noted(const LogOptions& options, Files& files);

  /// Makes records durable and signed for. Errors: resource_exhausted where it is full; data_loss
  /// where it holds records and is not in its place any more; the files'.
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

  /// Hashes of what it took from there to there.
  std::vector<merkle::Hash> leaves(const Position& from, const Position& to) const;

  /// Records that had been spooled when it was opened, and that it did not hold any more.
  std::uint64_t missing() const { return missing_; }

  /// Is given some of its records, and the number of the first.
  using Taker = std::function<Result<void>(std::uint64_t first, const Records&)>;
  /// Gives out what it holds from there to there, batch by batch in order, and leaves out what is
  /// not as it took it. `leaves` are those between them. Another thread may append meanwhile.
  /// Errors: those of `take`; the files'.
  Result<void> read(const Position& from, const Position& to, std::span<const merkle::Hash> leaves,
                    const Taker& take) const;

  /// Empties it, durably; made anew where it is not in its place any more. Nothing is missing then.
  Result<void> clear();

 private:
  Spool(const LogOptions& options, Files& files);

  Result<void> make();
  Result<void> find_end();
  Result<void> check_tail(SegmentReader& reader);
  Result<void> take(const ReadFrame& read, std::uint64_t end);
  Result<void> compare_with_note();
  Result<std::string> sign(const merkle::CompactRange& tree) const;
  Result<void> check_in_place() const;
  Result<void> renew();
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
  std::vector<merkle::Hash> leaves_;
  std::string filling_;  // drawn with the first record since it was empty
  std::uint64_t missing_ = 0;
  SpoolNote note_;
  std::uint64_t offset_ = kSegmentHeaderBytes;
  std::uint64_t garbage_end_ = kSegmentHeaderBytes;  // up to there something may follow `offset_`
};

}  // namespace wardlock::audit
