#include "audit/log/recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

std::unexpected<Error> damaged(std::string message) {
  return fail(ErrorCode::kDataLoss,
              std::move(message) +
                  ": the log is damaged and stays as it is; keep a copy, see what "
                  "`wardlock audit verify` says of it, and begin a new log in another folder");
}

/// Reads segments one after another as one log.
class Replay {
 public:
  Replay(Files& files, const LogPaths& paths, const merkle::CheckpointPolicy& policy,
         const merkle::VerifierKey& key, DerivedFiles& derived)
      : files_(files), paths_(paths), policy_(policy), key_(key), derived_(derived) {}

  /// The checkpoint that the log must continue.
  Result<void> read_checkpoint_file();

  Result<std::optional<LogEnd>> run();

 private:
  Result<void> read_segment(std::uint64_t first, bool is_last);
  Result<void> begin_segment(const SegmentReader& reader, std::uint64_t first);
  Result<void> take(const SegmentReader& reader, const ReadFrame& read, std::uint64_t offset);
  Result<void> check_end(SegmentReader& reader, const Result<bool>& stopped, bool is_last);
  Result<void> compare_with_checkpoint_file(const std::string& path);
  Result<void> check_last_checkpoint();

  Files& files_;
  const LogPaths& paths_;
  const merkle::CheckpointPolicy& policy_;
  const merkle::VerifierKey& key_;
  DerivedFiles& derived_;
  std::string file_note_;
  std::optional<merkle::TreeHead> file_head_;
  bool met_file_head_ = false;
  merkle::TreeHead checkpointed_;  // by the last checkpoint in the segments
  bool is_begun_ = false;
  LogEnd end_;
  std::vector<TileHash> completed_;  // its memory is used again
};

Result<void> Replay::read_checkpoint_file() {
  constexpr std::size_t kMaxBytes = 64UL * 1024;
  auto note = read_file(files_, paths_.checkpoint(), kMaxBytes);
  if (!note && note.error().code == ErrorCode::kNotFound) return {};
  file_note_ = TRY(std::move(note));
  const auto opened = merkle::open_checkpoint(file_note_, policy_);
  if (!opened) return damaged(fmt::format("`{}`: {}", paths_.checkpoint(), opened.error().message));
  file_head_ = opened->head();
  return {};
}

Result<std::optional<LogEnd>> Replay::run() {
  const auto segments = TRY(list_segments(files_, paths_.segments()));
  if (segments.empty()) {
    if (!file_head_) return std::nullopt;
    return damaged(fmt::format("`{}` holds no segment, but the checkpoint covers {} records",
                               paths_.segments(), file_head_->size));
  }
  // What was removed after its retention left its hashes, which nothing can make again.
  if (const std::uint64_t hashed = TRY(derived_.records()); hashed < segments.front()) {
    return damaged(
        fmt::format("`{}` begins with record {}, and `{}` lacks hashes of those before it",
                    paths_.segments(), segments.front(), paths_.hashes()));
  }
  auto from = segments.begin();
  if (file_head_) {
    const std::uint64_t derived = TRY(derived_.records());
    const auto after = std::ranges::upper_bound(segments, std::min(file_head_->size, derived));
    if (after != segments.begin()) from = std::prev(after);
  }
  for (; from != segments.end(); ++from) {
    TRY_VOID(read_segment(*from, std::next(from) == segments.end()));
  }
  if (file_head_ && !met_file_head_) {
    return damaged(fmt::format("`{}` ends with record {}, but the checkpoint covers {} records",
                               paths_.segment(end_.segment), end_.tree.size(), file_head_->size));
  }
  TRY_VOID(check_last_checkpoint());
  return std::move(end_);
}

Result<void> Replay::read_segment(std::uint64_t first, bool is_last) {
  auto opened = SegmentReader::open(files_, paths_.segment(first));
  if (!opened && opened.error().code == ErrorCode::kDataLoss) {
    return damaged(std::move(opened).error().message);
  }
  SegmentReader reader = TRY(std::move(opened));
  TRY_VOID(begin_segment(reader, first));
  ReadFrame read;
  while (true) {
    const std::uint64_t offset = reader.offset();
    const Result<bool> more = reader.next(read);
    if (!more && more.error().code != ErrorCode::kDataLoss) return std::unexpected(more.error());
    if (!more || !*more) return check_end(reader, more, is_last);
    TRY_VOID(take(reader, read, offset));
  }
}

Result<void> Replay::begin_segment(const SegmentReader& reader, std::uint64_t first) {
  const SegmentHeader& header = reader.header();
  if (header.origin != crypto::sha256(policy_.origin)) {
    return damaged(fmt::format("`{}` is of another log", reader.path()));
  }
  if (header.before.size() != first) {
    return damaged(fmt::format("`{}` begins with record {}, which its name does not say",
                               reader.path(), header.before.size()));
  }
  if (is_begun_ && header.before.size() != end_.tree.size()) {
    return damaged(
        fmt::format("`{}` begins with record {}, but the segment before it ends before "
                    "record {}",
                    reader.path(), first, end_.tree.size()));
  }
  if (is_begun_ && header.before != end_.tree) {
    return damaged(
        fmt::format("`{}` continues another log than the segment before it", reader.path()));
  }
  if (!is_begun_) derived_.restart(first);
  is_begun_ = true;
  end_.tree = header.before;
  end_.segment = first;
  end_.salt = header.salt;
  end_.segment_bytes = reader.size();
  end_.last_frame = 0;
  return compare_with_checkpoint_file(reader.path());
}

Result<void> Replay::take(const SegmentReader& reader, const ReadFrame& read,
                          std::uint64_t offset) {
  const Frame& frame = read.frame;
  const std::string place = fmt::format("`{}`, byte {}", reader.path(), offset);
  if (frame.first != end_.tree.size()) {
    return damaged(fmt::format("{}: record {} is expected there, and {} was found", place,
                               end_.tree.size(), frame.first));
  }
  completed_.clear();
  grow(end_.tree, read.leaves, completed_);
  derived_.stage(frame.payload, offset, read.leaves, completed_);
  if (frame.root_after != end_.tree.root()) {
    return damaged(fmt::format("{}: what is there does not continue the log before it", place));
  }
  TRY_VOID(derived_.flush());
  if (frame.kind == FrameKind::kCheckpoint) {
    end_.checkpoint = frame.payload;
    end_.checkpoint_size = frame.first;
    checkpointed_ = end_.tree.head();
  }
  end_.last_frame = offset;
  return compare_with_checkpoint_file(reader.path());
}

Result<void> Replay::compare_with_checkpoint_file(const std::string& path) {
  if (!file_head_ || file_head_->size != end_.tree.size() || met_file_head_) return {};
  met_file_head_ = true;
  if (file_head_->root == end_.tree.root()) return {};
  return damaged(fmt::format("`{}` holds other records than those {} that the checkpoint covers",
                             path, file_head_->size));
}

// INVARIANT: a batch is written only after the one before it was synced. So a crash can have torn
// the last one alone, and whatever else is not as it was written was done to it later.
Result<void> Replay::check_end(SegmentReader& reader, const Result<bool>& stopped, bool is_last) {
  end_.offset = reader.offset();
  end_.garbage_end = end_.offset;
  const auto other = TRY(reader.first_non_zero(end_.offset));
  if (!other) return {};
  const std::string what = stopped ? fmt::format("`{}`, byte {}: there is something after its end",
                                                 reader.path(), *other)
                                   : stopped.error().message;
  if (!is_last) return damaged(what);
  ReadFrame later;
  const auto frame = TRY(reader.find_frame(end_.offset + kFrameAlignment, later));
  if (frame) return damaged(fmt::format("{}, although it goes on at byte {}", what, *frame));
  const std::uint64_t torn_end = end_.offset + frame_bytes(kMaxPayloadBytes);
  if (const auto beyond = TRY(reader.first_non_zero(torn_end))) {
    return damaged(
        fmt::format("{}, and at byte {}, where no crash can have written", what, *beyond));
  }
  end_.garbage_end = std::min(torn_end, reader.size());
  return {};
}

/// The later one of those in the file and in the segments. It must be of the log's present key:
/// one that was given up may be in other hands.
Result<void> Replay::check_last_checkpoint() {
  if (file_head_ && (end_.checkpoint.empty() || file_head_->size >= end_.checkpoint_size)) {
    end_.checkpoint = file_note_;
    end_.checkpoint_size = file_head_->size;
    checkpointed_ = *file_head_;
  }
  if (end_.checkpoint.empty()) return {};
  const auto broken = [&](std::string_view why) {
    return damaged(fmt::format("the checkpoint of {} records in `{}`: {}", end_.checkpoint_size,
                               paths_.folder(), why));
  };
  const auto opened = merkle::open_checkpoint(end_.checkpoint, policy_);
  if (!opened) return broken(opened.error().message);
  if (opened->head() != checkpointed_) return broken("it was signed for other records");
  merkle::CheckpointPolicy present = policy_;
  present.log_keys = {key_};
  if (merkle::open_checkpoint(end_.checkpoint, present)) return {};
  return broken("it is signed only with a key that was given up");
}

}  // namespace

Result<std::optional<LogEnd>> find_log_end(Files& files, const LogPaths& paths,
                                           const merkle::CheckpointPolicy& policy,
                                           const merkle::VerifierKey& key, DerivedFiles& derived) {
  Replay replay(files, paths, policy, key, derived);
  TRY_VOID(replay.read_checkpoint_file());
  return replay.run();
}

Result<void> derive_again(Files& files, const std::string& path, std::uint64_t end,
                          DerivedFiles& derived) {
  SegmentReader reader = TRY(SegmentReader::open(files, path));
  merkle::CompactRange tree = reader.header().before;
  derived.restart(tree.size());
  std::vector<TileHash> completed;
  ReadFrame read;
  while (reader.offset() < end) {
    const std::uint64_t offset = reader.offset();
    if (!TRY(reader.next(read))) break;
    completed.clear();
    grow(tree, read.leaves, completed);
    derived.stage(read.frame.payload, offset, read.leaves, completed);
    TRY_VOID(derived.flush());
  }
  return {};
}

}  // namespace wardlock::audit
