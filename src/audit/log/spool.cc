#include "audit/log/spool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "crypto/random.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

std::string spool_folder(const LogOptions& options) {
  return options.spool_folder.empty() ? options.folder + "/spool" : options.spool_folder;
}

std::string spool_origin(const LogOptions& options) { return options.origin + "/spool"; }

// Extensions of its checkpoints:
constexpr std::string_view kFilling = "filling ";
constexpr std::string_view kMissing = "missing ";

std::string_view find_extension(const merkle::Checkpoint& checkpoint, std::string_view name) {
  for (const std::string_view extension : checkpoint.extensions) {
    if (extension.starts_with(name)) return extension.substr(name.size());
  }
  return {};
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string draw_filling() {
  std::array<std::uint8_t, 8> bytes{};
  crypto::fill_random(bytes);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

bool is_gone(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kDataLoss;
}

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
              .quorum = 0},
      note_(files, options.spool_note) {}

Result<std::unique_ptr<Spool>> Spool::open(const LogOptions& options, Files& files) {
  auto spool = std::unique_ptr<Spool>(new Spool(options, files));
  TRY_VOID(files.make_folder(spool->folder_));
  TRY_VOID(files.sync_folder(folder_of(spool->folder_)));
  const auto found = files.open(spool->path_, OpenMode::kRead);
  if (!found && found.error().code != ErrorCode::kNotFound) return std::unexpected(found.error());
  if (!found) TRY_VOID(spool->make());
  TRY_VOID(spool->find_end());
  TRY_VOID(spool->compare_with_note());
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
  leaves_.resize(tree_.size());
  return check_tail(reader);
}

/// A note that can't be read as one says nothing: a power cut can have torn it.
Result<void> Spool::compare_with_note() {
  const std::string note = TRY(note_.read());
  if (note.empty()) return note_.write(sign({}).value_or(""));  // takes its space
  const auto noted = merkle::open_checkpoint(note, policy_);
  if (!noted) return {};
  missing_ = number_of(find_extension(noted->checkpoint(), kMissing));
  const bool is_same = find_extension(noted->checkpoint(), kFilling) == filling_;
  const std::uint64_t found = is_same ? std::min(noted->head().size, records()) : 0;
  missing_ += noted->head().size - found;
  return {};
}

Result<std::uint64_t> Spool::noted(const LogOptions& options, Files& files) {
  const std::string note = TRY(SpoolNote(files, options.spool_note).read());
  if (note.empty()) return 0;
  const auto opened = merkle::open_checkpoint(note, {.origin = spool_origin(options),
                                                     .log_keys = {options.key.verifier()},
                                                     .witnesses = {},
                                                     .quorum = 0});
  return opened ? opened->head().size : 0;
}

/// A batch counts when its checkpoint was read.
Result<void> Spool::take(const ReadFrame& read, std::uint64_t end) {
  const Frame& frame = read.frame;
  if (frame.kind == FrameKind::kBatch) {
    taken_ = tree_;
    leaves_.resize(tree_.size());
    for (const merkle::Hash& leaf : read.leaves) {
      taken_.append(leaf);
      leaves_.push_back(leaf);
    }
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
  filling_ = find_extension(checkpoint->checkpoint(), kFilling);
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

/// What is missing goes from note to note until the log has been told.
Result<std::string> Spool::sign(const merkle::CompactRange& tree) const {
  merkle::Checkpoint checkpoint{.origin = policy_.origin, .head = tree.head(), .extensions = {}};
  if (tree.size() > 0) {
    checkpoint.extensions.push_back(fmt::format("{}{}", kFilling, filling_));
    if (missing_ > 0) checkpoint.extensions.push_back(fmt::format("{}{}", kMissing, missing_));
  }
  return merkle::sign_checkpoint(checkpoint, key_, 0);
}

/// What is written to a file that was removed or exchanged would be gone.
Result<void> Spool::check_in_place() const {
  const auto reader = SegmentReader::open(files_, path_);
  if (!reader && !is_gone(reader.error())) return std::unexpected(reader.error());
  if (reader && reader->header().salt == salt_) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("`{}` was removed or exchanged", path_));
}

/// What stands in its place is kept as evidence.
Result<void> Spool::renew() {
  file_.reset();
  const auto moved = files_.rename(path_, path_ + ".exchanged");
  if (!moved && moved.error().code != ErrorCode::kNotFound) return moved;
  TRY_VOID(make());
  tree_ = {};
  leaves_.clear();
  offset_ = kSegmentHeaderBytes;
  return find_end();
}

Result<void> Spool::append(const Records& records) {
  if (const auto in_place = check_in_place(); !in_place) {
    if (!empty() || !is_gone(in_place.error())) return in_place;
    TRY_VOID(renew());
  }
  TRY_VOID(reopen());
  if (empty()) filling_ = draw_filling();
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
  const std::string note = TRY(sign(grown));
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
  leaves_.insert(leaves_.end(), leaves.begin(), leaves.end());
  // They are kept. That it can't be noted how many there are is no reason to refuse them.
  [[maybe_unused]] const auto noted = note_.write(note);
  return {};
}

std::vector<merkle::Hash> Spool::leaves(const Position& from, const Position& to) const {
  return {leaves_.begin() + static_cast<std::ptrdiff_t>(from.records),
          leaves_.begin() + static_cast<std::ptrdiff_t>(to.records)};
}

Result<void> Spool::read(const Position& from, const Position& to,
                         std::span<const merkle::Hash> leaves, const Taker& take) const {
  auto opened = SegmentReader::open(files_, path_);
  if (!opened && !is_gone(opened.error())) return std::unexpected(opened.error());
  if (!opened || opened->header().salt != salt_) return {};
  SegmentReader& reader = *opened;
  reader.go_to(from.offset);
  ReadFrame read;
  Records records;
  while (reader.offset() < to.offset) {
    const auto more = reader.next(read);
    if (!more && more.error().code != ErrorCode::kDataLoss) return std::unexpected(more.error());
    if (!more || !*more) {
      const auto found = reader.find_frame(reader.offset() + kFrameAlignment, read);
      if (!found || !*found) return {};
      reader.go_to(**found);
      continue;
    }
    const std::uint64_t first = read.frame.first - from.records;
    if (read.frame.kind != FrameKind::kBatch || first > leaves.size()) continue;
    const auto expected =
        leaves.subspan(first, std::min(read.leaves.size(), leaves.size() - first));
    if (!std::ranges::equal(read.leaves, expected)) continue;
    TRY_VOID(records.assign(read.frame.payload));
    TRY_VOID(take(read.frame.first, records));
  }
  return {};
}

/// The note first: what is emptied and was not noted as such would count as missing.
Result<void> Spool::clear() {
  if (empty() && missing_ == 0) return reopen();
  const std::string nothing = TRY(sign({}));
  TRY_VOID(note_.write(nothing));
  missing_ = 0;
  if (const auto in_place = check_in_place(); !in_place) {
    return is_gone(in_place.error()) ? renew() : in_place;
  }
  TRY_VOID(reopen());
  if (empty()) return {};
  TRY_VOID(wipe(kSegmentHeaderBytes, kSegmentHeaderBytes + kFrameAlignment));
  // Empty from here on, whatever becomes of the rest.
  garbage_end_ = std::max(garbage_end_, offset_);
  offset_ = kSegmentHeaderBytes;
  tree_ = {};
  taken_ = {};
  leaves_.clear();
  return reopen();
}

}  // namespace wardlock::audit
