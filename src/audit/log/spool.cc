#include "audit/log/spool.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

std::string spool_folder(const LogOptions& options) {
  return options.spool_folder.empty() ? options.folder + "/spool" : options.spool_folder;
}

std::string spool_origin(const LogOptions& options) { return options.origin + "/spool"; }

}  // namespace

Spool::Spool(const LogOptions& options, Files& files)
    : files_(files),
      folder_(spool_folder(options)),
      path_(folder_ + "/spool"),
      bytes_(options.spool_bytes),
      key_(options.key),
      policy_{.origin = spool_origin(options),
              .log_keys = {options.key.verifier()},
              .witnesses = {},
              .quorum = 0} {}

Result<std::unique_ptr<Spool>> Spool::open(const LogOptions& options, Files& files) {
  auto spool = std::unique_ptr<Spool>(new Spool(options, files));
  TRY_VOID(files.make_folder(spool->folder_));
  TRY_VOID(files.sync_folder(folder_of(spool->folder_)));
  const auto found = files.open(spool->path_, OpenMode::kRead);
  if (!found && found.error().code != ErrorCode::kNotFound) return std::unexpected(found.error());
  if (!found) TRY_VOID(spool->make());
  TRY_VOID(spool->find_end());
  TRY_VOID(spool->reopen());
  return spool;
}

Result<void> Spool::make() {
  const std::string beside = path_ + ".new";
  if (auto removed = files_.remove(beside);
      !removed && removed.error().code != ErrorCode::kNotFound) {
    return removed;
  }
  SegmentHeader header;
  crypto::fill_random(header.salt);
  header.origin = crypto::sha256(policy_.origin);
  header.bytes = bytes_;
  const std::unique_ptr<File> file = TRY(files_.open(beside, OpenMode::kCreate));
  TRY_VOID(file->claim(bytes_));
  TRY_VOID(file->write(0, write_segment_header(header)));
  constexpr std::uint64_t kStepBytes = 1024UL * 1024;
  for (std::uint64_t at = kSegmentHeaderBytes; at < bytes_; at += kStepBytes) {
    TRY_VOID(file->write(at, std::string(std::min(kStepBytes, bytes_ - at), '\0')));
  }
  TRY_VOID(file->sync());
  TRY_VOID(files_.rename(beside, path_));
  return files_.sync_folder(folder_);
}

Result<void> Spool::find_end() {
  SegmentReader reader = TRY(SegmentReader::open(files_, path_));
  if (reader.header().origin != crypto::sha256(policy_.origin)) {
    return fail(ErrorCode::kDataLoss, fmt::format("`{}` is another log's spool", path_));
  }
  salt_ = reader.header().salt;
  ReadFrame read;
  Result<bool> more = reader.next(read);
  while (more && *more) {
    TRY_VOID(take(read, reader.offset()));
    more = reader.next(read);
  }
  if (!more && more.error().code != ErrorCode::kDataLoss) return std::unexpected(more.error());
  return check_tail(reader);
}

/// A batch counts when its checkpoint was read.
Result<void> Spool::take(const ReadFrame& read, std::uint64_t end) {
  const Frame& frame = read.frame;
  if (frame.kind == FrameKind::kBatch) {
    taken_ = tree_;
    for (const merkle::Hash& leaf : read.leaves) taken_.append(leaf);
    return {};
  }
  const auto checkpoint = merkle::open_checkpoint(frame.payload, policy_);
  if (!checkpoint || checkpoint->head() != taken_.head()) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("`{}`, byte {}: the spool holds other records than those that were "
                            "signed; keep it as evidence and move it away",
                            path_, end - read.bytes));
  }
  tree_ = taken_;
  offset_ = end;
  return {};
}

// INVARIANT: a batch and its checkpoint are written at once, after those before were synced;
// emptying begins with the first sector alone. So what follows the end is what is left of one batch
// and its checkpoint; after a first sector of zeros it is whatever was there.
Result<void> Spool::check_tail(SegmentReader& reader) {
  const auto rest = TRY(reader.first_non_zero(offset_));
  garbage_end_ = rest ? bytes_ : offset_;
  const bool was_emptied =
      offset_ == kSegmentHeaderBytes && (!rest || *rest >= offset_ + kFrameAlignment);
  if (was_emptied) return {};
  std::size_t batches = 0;
  std::size_t checkpoints = 0;
  ReadFrame read;
  auto found = TRY(reader.find_frame(offset_, read));
  while (found) {
    ++(read.frame.kind == FrameKind::kBatch ? batches : checkpoints);
    if (batches > 1 || checkpoints > 1) {
      return fail(
          ErrorCode::kDataLoss,
          fmt::format("`{}`, byte {}: what is there was changed, since the spool goes on at "
                      "byte {}; keep it as evidence and move it away",
                      path_, offset_, *found));
    }
    found = TRY(reader.find_frame(*found + read.bytes, read));
  }
  return {};
}

Result<void> Spool::reopen() {
  if (file_ == nullptr) file_ = TRY(files_.open(path_, OpenMode::kReadWrite));
  if (garbage_end_ <= offset_) return {};
  auto wiped = wipe(offset_, garbage_end_);
  if (wiped) garbage_end_ = offset_;
  return wiped;
}

Result<void> Spool::wipe(std::uint64_t from, std::uint64_t to) {
  auto written = file_->write(from, std::string(to - from, '\0'));
  if (written) written = file_->sync();
  if (!written) file_.reset();
  return written;
}

Result<void> Spool::append(const Records& records) {
  TRY_VOID(reopen());
  Frame batch;
  batch.kind = FrameKind::kBatch;
  batch.first = tree_.size();
  batch.count = static_cast<std::uint32_t>(records.size());
  batch.payload = records.bytes();
  if (batch.payload.size() > kMaxPayloadBytes) return invalid("a batch is too large for the spool");
  merkle::CompactRange grown = tree_;
  std::vector<merkle::Hash> leaves;
  for (std::size_t i = 0; i < records.size(); ++i) {
    leaves.push_back(merkle::leaf_hash(records[i]));
    grown.append(leaves.back());
  }
  batch.root_after = grown.root();
  const std::string note = TRY(merkle::sign_checkpoint(
      {.origin = policy_.origin, .head = grown.head(), .extensions = {}}, key_, 0));
  Frame checkpoint;
  checkpoint.kind = FrameKind::kCheckpoint;
  checkpoint.first = grown.size();
  checkpoint.payload = note;
  checkpoint.root_after = batch.root_after;

  std::string bytes;
  write_frame(batch, {.salt = salt_, .offset = offset_}, leaves, bytes);
  write_frame(checkpoint, {.salt = salt_, .offset = offset_ + bytes.size()}, {}, bytes);
  if (offset_ + bytes.size() > bytes_) {
    return fail(
        ErrorCode::kResourceExhausted,
        fmt::format("the spool `{}` is full: {} of {} bytes are used", path_, used(), bytes_));
  }
  garbage_end_ = std::max(garbage_end_, offset_ + bytes.size());
  auto written = file_->write(offset_, bytes);
  if (written) written = file_->sync();
  if (!written) {
    file_.reset();
    return written;
  }
  offset_ += bytes.size();
  tree_ = std::move(grown);
  return {};
}

Result<void> Spool::read(const Position& from, const Position& to,
                         const std::function<Result<void>(const Records&)>& take) const {
  SegmentReader reader = TRY(SegmentReader::open(files_, path_));
  ReadFrame read;
  Records records;
  while (reader.offset() < to.offset) {
    const std::uint64_t offset = reader.offset();
    if (!TRY(reader.next(read))) {
      return fail(ErrorCode::kDataLoss, fmt::format("`{}` was changed while it was open", path_));
    }
    if (read.frame.kind != FrameKind::kBatch || offset < from.offset) continue;
    TRY_VOID(records.assign(read.frame.payload));
    TRY_VOID(take(records));
  }
  return {};
}

Result<void> Spool::clear() {
  TRY_VOID(reopen());
  if (empty()) return {};
  TRY_VOID(wipe(kSegmentHeaderBytes, kSegmentHeaderBytes + kFrameAlignment));
  // Empty from here on, whatever becomes of the rest.
  garbage_end_ = std::max(garbage_end_, offset_);
  offset_ = kSegmentHeaderBytes;
  tree_ = {};
  taken_ = {};
  return reopen();
}

}  // namespace wardlock::audit
