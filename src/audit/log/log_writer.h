#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/batch.h"
#include "audit/log/derived_files.h"
#include "audit/log/log_folder.h"
#include "audit/log/log_options.h"
#include "audit/log/prepared_segments.h"
#include "audit/log/records.h"
#include "audit/log/recovery.h"
#include "base/error.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

/// The files of an open log, written by one thread. What it says is durable survives a power cut.
///
/// After `append` or `sign_checkpoint` failed nothing can be written until `try_again` succeeds.
class LogWriter {
 public:
  /// As `Log::open`. `files` must outlive it, `options` is copied where needed.
  static Result<std::unique_ptr<LogWriter>> open(const LogOptions& options, Files& files);

  /// Begins to write a batch, which continues `tree` and has at most `most_batch_bytes`. Then the
  /// disk works, and `finish` waits for it; what was before stays as it was until then. After an
  /// error of either none of the batch is durable.
  Result<void> begin(Batch& batch);
  Result<void> finish(const Batch& batch);
  /// Writes what is derived from the batches that were finished. What is read by others has it
  /// then.
  void flush_derived();
  /// All three.
  Result<void> append(Batch& batch);

  /// Makes records durable, in order, as many batches as that takes. After an error `size` says how
  /// many are: those that come first.
  Result<void> append(const Records& records);

  /// So many bytes of records with their lengths may be in a batch.
  std::size_t most_batch_bytes() const { return most_batch_bytes_; }

  /// Signs a checkpoint of the tree, unless the latest is of this tree; it is durable then.
  Result<void> sign_checkpoint();

  /// After an error: opens the last segment anew, wipes out what the failed write may have left,
  /// and sees to it that there is room to go on.
  Result<void> try_again();
  bool is_broken() const { return file_ == nullptr || must_rotate_; }

  /// Goes on, for a moment, with what is to be ready later: the next segment, and derived files
  /// that lag behind. What goes wrong is in `warning`, and is tried again at the next call. Returns
  /// whether there is more to do now.
  bool prepare();
  /// Whether `prepare` lags behind what is written.
  bool is_preparation_due() const;

  const merkle::CompactRange& tree() const { return tree_; }
  const merkle::TreeHead& head() const { return head_; }
  std::uint64_t size() const { return tree_.size(); }
  /// The latest signed checkpoint; empty before the first.
  const std::string& checkpoint() const { return checkpoint_; }
  std::uint64_t checkpoint_size() const { return checkpoint_size_; }
  /// Records that no checkpoint covered when it was opened.
  std::uint64_t found_unsigned() const { return found_unsigned_; }
  bool has_checkpoint() const { return !checkpoint_.empty() && checkpoint_size_ == size(); }
  std::string warning() const;

  /// How many of these leaves, from the first on, the log has at its end, where one other record
  /// may follow all of them; that one counts too. 0 where that can't be read.
  std::uint64_t count_at_end(std::span<const merkle::Hash> leaves) const;

 private:
  LogWriter(const LogOptions& options, Files& files, std::unique_ptr<File> lock,
            DerivedFiles derived);

  Result<std::string> signed_checkpoint() const;
  Result<void> recover();
  Result<void> repair(const LogEnd& end);
  Result<void> check_usable() const;
  Result<void> write_at_end(std::string_view bytes);
  Result<void> sync_end(std::size_t bytes);
  Result<void> begin_segment();
  Result<void> put_in_place(PreparedSegment& next, const SegmentHeader& header);
  Result<void> write_checkpoint();
  Result<void> reopen();
  Result<void> wipe_garbage();
  void note_lag(const Error& error);
  Result<void> catch_up();
  Result<void> claim_for_derived();
  Result<void> publish_checkpoint();
  void protect(std::uint64_t segment);

  Files& files_;
  const LogPaths paths_;
  const std::string origin_;
  const merkle::SignerKey key_;
  const std::vector<KeyChange> key_changes_;  // that led to it
  const std::optional<merkle::SignerKey> next_key_;
  const Protection protection_;
  std::unique_ptr<File> lock_;
  DerivedFiles derived_;
  PreparedSegments prepared_;
  const std::uint64_t reserved_bytes_;  // of the segments that are prepared
  std::uint64_t claimed_records_ = 0;   // space for what is derived from them is there

  merkle::CompactRange tree_;
  merkle::TreeHead head_ = tree_.head();
  std::uint64_t segment_ = 0;   // the last segment's first record
  std::unique_ptr<File> file_;  // the last segment; null while it can't be written
  SegmentSalt salt_{};
  std::uint64_t segment_bytes_ = 0;
  std::uint64_t offset_ = 0;       // where the next frame goes
  std::uint64_t garbage_end_ = 0;  // up to there a failed write may have left something
  bool must_rotate_ =
      false;  // the last segment is not written any more, and the next one not begun

  std::string checkpoint_;
  std::uint64_t checkpoint_size_ = 0;
  std::uint64_t found_unsigned_ = 0;
  std::string checkpoint_warning_;
  std::string derived_warning_;  // not empty: derived files lag behind
  std::string space_warning_;    // there is no room for the next segment
  std::string protection_warning_;
  std::size_t most_batch_bytes_ = 0;
};

}  // namespace wardlock::audit
