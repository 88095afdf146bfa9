#include "audit/log/log_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/log/identity_files.h"
#include "base/check.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "merkle/checkpoint.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

/// Room that is left in a segment for the checkpoint that ends it.
constexpr std::uint64_t kCheckpointBytes = 4096;

Result<void> check_options(const LogOptions& options) {
  constexpr std::uint64_t kPage = 4096;
  constexpr std::uint32_t kMostAhead = 16;
  if (options.segment_bytes < kMinSegmentBytes || options.segment_bytes > kMaxSegmentBytes ||
      options.segment_bytes % kPage != 0) {
    return invalid(
        fmt::format("segments of {} bytes can't be: at least {}, less than 4 GiB, and a "
                    "multiple of {}",
                    options.segment_bytes, kMinSegmentBytes, kPage));
  }
  if (options.segments_ahead == 0 || options.segments_ahead > kMostAhead) {
    return invalid(
        fmt::format("{} segments ahead can't be: 1 to {}", options.segments_ahead, kMostAhead));
  }
  if (options.origin.size() > kMaxOriginBytes) {
    return invalid(fmt::format("an origin of {} bytes is too long: at most {}",
                               options.origin.size(), kMaxOriginBytes));
  }
  if (!options.seal) return invalid("a log needs a sealer");
  // Whether it can be a checkpoint's origin.
  TRY_VOID(merkle::format_checkpoint({.origin = options.origin, .head = {}, .extensions = {}}));
  return {};
}

/// INVARIANT: a segment has room for two of the largest batches, and for the checkpoint that ends
/// it. More than `kMostBytes` at once would only keep others waiting.
std::size_t most_bytes_at_once(std::uint64_t segment_bytes) {
  constexpr std::uint64_t kMostBytes = 512UL * 1024;
  const std::uint64_t half = (segment_bytes - kSegmentHeaderBytes - kCheckpointBytes) / 2;
  return std::min(kMostBytes, half - frame_bytes(0));
}

}  // namespace

LogWriter::LogWriter(const LogOptions& options, Files& files, std::unique_ptr<File> lock,
                     DerivedFiles derived)
    : files_(files),
      paths_(options.folder),
      origin_(options.origin),
      key_(options.key),
      key_changes_(options.key_changes),
      next_key_(options.next_key),
      protection_(options.protection),
      lock_(std::move(lock)),
      derived_(std::move(derived)),
      prepared_(files, paths_, options.segment_bytes, options.segments_ahead),
      reserved_bytes_(options.segment_bytes * options.segments_ahead) {}

Result<std::unique_ptr<LogWriter>> LogWriter::open(const LogOptions& options, Files& files) {
  TRY_VOID(check_options(options));
  const LogPaths paths(options.folder);
  TRY_VOID(files.make_folder(paths.folder()));
  TRY_VOID(files.sync_folder(folder_of(paths.folder())));
  std::unique_ptr<File> lock = TRY(files.lock(paths.lock()));
  TRY_VOID(write_identity(options, paths, files));
  TRY_VOID(files.make_folder(paths.segments()));
  DerivedFiles derived = TRY(DerivedFiles::open(files, paths));
  auto writer = std::unique_ptr<LogWriter>(
      new LogWriter(options, files, std::move(lock), std::move(derived)));
  TRY_VOID(writer->recover());
  // The last segment may be of another length than those that come.
  writer->most_batch_bytes_ =
      most_bytes_at_once(std::min(writer->segment_bytes_, options.segment_bytes));
  return writer;
}

Result<void> LogWriter::recover() {
  merkle::CheckpointPolicy policy{
      .origin = origin_, .log_keys = {key_.verifier()}, .witnesses = {}, .quorum = 0};
  for (const KeyChange& each : key_changes_) policy.log_keys.push_back(each.before);
  const auto end = TRY(find_log_end(files_, paths_, policy, key_.verifier(), derived_));
  TRY_VOID(prepared_.clear());
  if (!end) return begin_segment();
  return repair(*end);
}

Result<void> LogWriter::repair(const LogEnd& end) {
  tree_ = end.tree;
  head_ = tree_.head();
  segment_ = end.segment;
  salt_ = end.salt;
  segment_bytes_ = end.segment_bytes;
  offset_ = end.offset;
  garbage_end_ = end.garbage_end;
  checkpoint_ = end.checkpoint;
  checkpoint_size_ = end.checkpoint_size;
  found_unsigned_ = tree_.size() - checkpoint_size_;

  TRY_VOID(reopen());
  const auto segments = TRY(list_segments(files_, paths_.segments()));
  if (segments.size() > 1) protect(segments[segments.size() - 2]);
  if (end.last_frame == 0) return {};
  // A process that was killed between writing and syncing leaves a batch that reads well and is not
  // on the disk. It counts from here on, so it is made durable.
  std::string last(end.offset - end.last_frame, '\0');
  if (TRY(file_->read(end.last_frame, last)) < last.size()) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` became shorter while it was read", paths_.segment(segment_)));
  }
  TRY_VOID(file_->write(end.last_frame, last));
  return file_->sync();
}

Result<void> LogWriter::check_usable() const {
  if (!is_broken()) return {};
  return fail(ErrorCode::kUnavailable, "the log can't be written");
}

Result<void> LogWriter::append(const Records& records) {
  Batch batch;
  for (std::size_t i = 0; i < records.size();) {
    batch.begin(tree_);
    std::size_t bytes = 0;
    for (; i < records.size(); ++i) {
      bytes += sizeof(std::uint16_t) + records[i].size();
      if (!batch.empty() && bytes > most_batch_bytes_) break;
      TRY_VOID(batch.add(records[i], merkle::leaf_hash(records[i])));
    }
    TRY_VOID(append(batch));
  }
  return {};
}

Result<void> LogWriter::append(Batch& batch) {
  TRY_VOID(begin(batch));
  TRY_VOID(finish(batch));
  flush_derived();
  return {};
}

Result<void> LogWriter::begin(Batch& batch) {
  TRY_VOID(check_usable());
  const std::size_t payload_bytes = batch.records().bytes().size();
  CHECK(!batch.empty() && batch.before() == tree_ && payload_bytes <= most_batch_bytes_);
  if (offset_ + frame_bytes(payload_bytes) + kCheckpointBytes > segment_bytes_) {
    TRY_VOID(begin_segment());
  }
  const std::string_view frame =
      batch.frame({.salt = salt_, .offset = offset_}, batch.tree().root());
  TRY_VOID(write_at_end(frame));
  file_->begin_sync(offset_, frame.size());
  return {};
}

Result<void> LogWriter::finish(const Batch& batch) {
  const std::uint64_t frame_offset = offset_;
  TRY_VOID(sync_end(frame_bytes(batch.records().bytes().size())));
  tree_ = batch.tree();
  head_ = tree_.head();
  if (!derived_warning_.empty()) return {};
  derived_.stage(batch.records().bytes(), frame_offset, batch.leaves(), batch.completed());
  return {};
}

void LogWriter::flush_derived() {
  if (const auto flushed = derived_.flush(); !flushed) note_lag(flushed.error());
}

/// Nothing counts of it before `sync_end`.
Result<void> LogWriter::write_at_end(std::string_view bytes) {
  garbage_end_ = std::max(garbage_end_, offset_ + bytes.size());
  auto written = file_->write(offset_, bytes);
  if (!written) file_.reset();
  return written;
}

Result<void> LogWriter::sync_end(std::size_t bytes) {
  auto synced = file_->sync();
  if (!synced) {
    file_.reset();
    return synced;
  }
  offset_ += bytes;
  return {};
}

Result<void> LogWriter::sign_checkpoint() {
  TRY_VOID(check_usable());
  return write_checkpoint();
}

Result<void> LogWriter::write_checkpoint() {
  if (has_checkpoint()) return {};
  flush_derived();  // who sees the checkpoint finds what it covers
  std::string note = TRY(signed_checkpoint());
  Frame frame;
  frame.kind = FrameKind::kCheckpoint;
  frame.first = tree_.size();
  frame.payload = note;
  frame.root_after = head_.root;
  std::string bytes;
  write_frame(frame, {.salt = salt_, .offset = offset_}, {}, bytes);
  TRY_VOID(write_at_end(bytes));
  TRY_VOID(sync_end(bytes.size()));
  checkpoint_ = std::move(note);
  checkpoint_size_ = tree_.size();
  // It is in the segment: that the file lags behind is no reason to stop.
  if (const auto published = publish_checkpoint(); !published) {
    checkpoint_warning_ = published.error().message;
  }
  return {};
}

/// By both keys where one is about to follow the other: who knows one of them believes it.
Result<std::string> LogWriter::signed_checkpoint() const {
  merkle::UnverifiedNote note{
      .text = TRY(merkle::format_checkpoint({.origin = origin_, .head = head_, .extensions = {}})),
      .signatures = {}};
  note.signatures.push_back(key_.sign(note.text, 0));
  if (next_key_) note.signatures.push_back(next_key_->sign(note.text, 0));
  return merkle::format_note(note);
}

Result<void> LogWriter::publish_checkpoint() {
  TRY_VOID(replace_file(files_, paths_.checkpoint(), checkpoint_));
  checkpoint_warning_.clear();
  return {};
}

/// Ends the last segment, where there is one, and begins the next. INVARIANT: what is derived from
/// a segment is durable before the next one begins, and its last checkpoint covers all of it.
Result<void> LogWriter::begin_segment() {
  const bool is_first = segment_bytes_ == 0;
  CHECK(is_first || segment_ != tree_.size());
  // Nothing may be written to the last segment once its successor could be there.
  must_rotate_ = true;
  if (!is_first) TRY_VOID(write_checkpoint());
  flush_derived();
  TRY_VOID(catch_up());
  if (auto synced = derived_.sync(); !synced) {
    note_lag(synced.error());
    return synced;
  }
  PreparedSegment next = TRY(prepared_.take());
  SegmentHeader header;
  crypto::fill_random(header.salt);
  header.origin = crypto::sha256(origin_);
  header.bytes = TRY(next.file->size());
  header.before = tree_;
  if (auto put = put_in_place(next, header); !put) {
    // Not to be left behind at each try; the next run removes what is.
    [[maybe_unused]] const auto removed = files_.remove(next.path);
    return put;
  }

  if (!is_first) protect(segment_);
  segment_ = tree_.size();
  file_ = std::move(next.file);
  salt_ = header.salt;
  segment_bytes_ = header.bytes;
  offset_ = kSegmentHeaderBytes;
  garbage_end_ = offset_;
  must_rotate_ = false;
  if (is_first) derived_.restart(0);
  return {};
}

Result<void> LogWriter::put_in_place(PreparedSegment& next, const SegmentHeader& header) {
  TRY_VOID(next.file->write(0, write_segment_header(header)));
  TRY_VOID(next.file->sync());
  TRY_VOID(files_.rename(next.path, paths_.segment(header.before.size())));
  return files_.sync_folder(paths_.segments());
}

void LogWriter::protect(std::uint64_t segment) {
  const auto got = files_.protect(paths_.segment(segment), protection_);
  protection_warning_.clear();
  if (!got) protection_warning_ = got.error().message;
}

Result<void> LogWriter::try_again() {
  if (file_ == nullptr && segment_bytes_ != 0) TRY_VOID(reopen());
  if (must_rotate_) TRY_VOID(begin_segment());
  return {};
}

/// The last segment, with zeros after its end.
Result<void> LogWriter::reopen() {
  std::unique_ptr<File> file = TRY(files_.open(paths_.segment(segment_), OpenMode::kReadWrite));
  std::string bytes(kSegmentHeaderBytes, '\0');
  bytes.resize(TRY(file->read(0, bytes)));
  const auto header = read_segment_header(bytes);
  if (!header || header->salt != salt_) {
    return fail(ErrorCode::kDataLoss, fmt::format("`{}` is not the file any more that was written",
                                                  paths_.segment(segment_)));
  }
  file_ = std::move(file);
  if (auto wiped = wipe_garbage(); !wiped) {
    file_.reset();
    return wiped;
  }
  return {};
}

Result<void> LogWriter::wipe_garbage() {
  if (garbage_end_ <= offset_) return {};
  TRY_VOID(file_->write(offset_, std::string(garbage_end_ - offset_, '\0')));
  TRY_VOID(file_->sync());
  garbage_end_ = offset_;
  return {};
}

void LogWriter::note_lag(const Error& error) {
  derived_warning_ = error.message;
  derived_.discard();
}

/// Derived files that lag behind are written again from the last segment on: what is derived from
/// those before it is durable.
Result<void> LogWriter::catch_up() {
  if (derived_warning_.empty()) return {};
  derived_ = TRY(DerivedFiles::open(files_, paths_));
  TRY_VOID(derive_again(files_, paths_.segment(segment_), offset_, derived_));
  derived_warning_.clear();
  return {};
}

bool LogWriter::prepare() {
  if (!checkpoint_warning_.empty()) {
    if (const auto published = publish_checkpoint(); !published) {
      checkpoint_warning_ = published.error().message;
    }
  }
  if (const auto caught_up = catch_up(); !caught_up) note_lag(caught_up.error());
  const auto claimed = claim_for_derived();
  const auto more = prepared_.advance();
  space_warning_.clear();
  if (!claimed) space_warning_ = claimed.error().message;
  if (!more) space_warning_ = more.error().message;
  return more.value_or(false);
}

/// Once for each segment. Records are taken to be no shorter than an audit event can be.
Result<void> LogWriter::claim_for_derived() {
  constexpr std::uint64_t kRecordBytes = 256;
  const std::uint64_t records = segment_ + (segment_bytes_ + reserved_bytes_) / kRecordBytes;
  if (records <= claimed_records_ || !derived_warning_.empty()) return {};
  TRY_VOID(derived_.claim(records));
  claimed_records_ = records;
  return {};
}

bool LogWriter::is_preparation_due() const {
  const double used = static_cast<double>(offset_) / static_cast<double>(segment_bytes_);
  return prepared_.progress() < std::min(1.0, 2 * used);
}

std::uint64_t LogWriter::count_at_end(std::span<const merkle::Hash> leaves) const {
  TileFiles tiles(files_, paths_.folder());
  merkle::TileReader nodes(tiles, size());
  std::vector<merkle::Hash> end;
  const std::uint64_t wanted = std::min<std::uint64_t>(size(), leaves.size() + 1);
  for (std::uint64_t i = size() - wanted; i < size(); ++i) {
    const auto leaf = nodes.node({.height = 0, .index = i});
    if (!leaf) return 0;
    end.push_back(*leaf);
  }
  if (leaves.empty()) return 0;
  const auto first = std::ranges::find(end, leaves.front());
  const auto count = static_cast<std::size_t>(end.end() - first);
  const std::span<const merkle::Hash> had = leaves.first(std::min(count, leaves.size()));
  return std::equal(had.begin(), had.end(), first) ? count : 0;
}

std::string LogWriter::warning() const {
  std::string all;
  for (const std::string* warning :
       {&space_warning_, &derived_warning_, &checkpoint_warning_, &protection_warning_}) {
    if (warning->empty()) continue;
    if (!all.empty()) all += "; ";
    all += *warning;
  }
  return all;
}

}  // namespace wardlock::audit
