#include "audit/inspect/segments_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/inspect/record_range.h"
#include "audit/log/big_endian.h"
#include "audit/log/zeros.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

/// An error's message without the place that it begins with, which a finding has apart.
std::string without(const std::string& prefix, const std::string& message) {
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

constexpr std::string_view kNotHeld = "no segment holds them: one was removed, renamed or cut off";

}  // namespace

SegmentsCheck::SegmentsCheck(Files& files, const LogPaths& paths, const LogIdentity& identity,
                             std::vector<ExpectedHead> expected, std::optional<std::uint64_t> limit,
                             Findings& findings)
    : files_(files),
      paths_(paths),
      identity_(identity),
      expected_(std::move(expected)),
      limit_(limit),
      findings_(findings),
      records_(files, paths.folder()),
      record_check_(identity.covered ? identity.covered->size : 0, findings),
      add_node_(
          [this](merkle::NodeId id, const merkle::Hash& hash) { derived_->add_node(id, hash); }) {
  if (identity.key) key_chain_.emplace(identity.origin, identity.keys);
  std::ranges::sort(expected_, {}, [](const ExpectedHead& each) { return each.head.size; });
}

void SegmentsCheck::fault(std::string file, std::optional<std::uint64_t> byte, std::string what) {
  findings_.add({.file = std::move(file), .byte = byte, .what = std::move(what)});
}

Result<void> SegmentsCheck::run(const std::function<void(std::uint64_t, std::uint64_t)>& report) {
  const std::vector<Place> places = TRY(list());
  report_ = [&] {
    if (report) report(done_bytes_, bytes_);
  };
  derived_.emplace(files_, paths_, places.empty() ? 0 : places.back().first, findings_);
  meet_expected();
  for (const Place& place : places) {
    if (limit_ && size_ >= *limit_) break;
    const std::uint64_t done = done_bytes_;
    check_segment(place);
    const auto file = files_.open(place.path, OpenMode::kRead);
    done_bytes_ = done + (file ? (*file)->size().value_or(0) : 0);
    report_();
  }
  derived_->restart(size_);
  derived_->finish(!limit_);
  report_unmet();
  report_unsigned();
  report_unsigned_key_changes();
  report_removed();
  return {};
}

std::uint64_t SegmentsCheck::beyond() const {
  const std::uint64_t places = derived_->places();
  return places - std::min(places, size_);
}

/// Records at the end of a log that nobody writes to.
void SegmentsCheck::report_unsigned() {
  const std::uint64_t in_file = identity_.covered ? identity_.covered->size : 0;
  const std::uint64_t covered = std::max(last_checkpoint_.value_or(0), in_file);
  if (limit_ || size_ <= covered) return;
  const bool is_all = checkpoints_ == 0 && !identity_.covered;
  findings_.add(
      {.is_fault = is_all,
       .file = paths_.segments(),
       .record = covered,
       .last_record = size_ - 1,
       .what = is_all ? "no checkpoint covers them or any other: this log is signed by nobody"
                      : "no checkpoint covers them: what a server that was killed leaves, or what "
                        "somebody added; whoever opens the log next will sign for them"});
}

/// The segments, in order; notes what else is among them.
Result<std::vector<SegmentsCheck::Place>> SegmentsCheck::list() {
  std::vector<Place> places;
  for (const std::string& name : TRY(files_.list(paths_.segments()))) {
    std::string path = fmt::format("{}/{}", paths_.segments(), name);
    const auto file = files_.open(path, OpenMode::kRead);
    if (const auto first = parse_segment_name(name)) {
      if (!places.empty()) places.back().after = first;
      if (file) bytes_ += (*file)->size().value_or(0);
      places.push_back({.first = *first, .after = std::nullopt, .path = std::move(path)});
    } else if (!name.starts_with(kPreparedPrefix)) {
      findings_.add({.is_fault = false, .file = path, .what = "is no segment: it was not read"});
    } else if (!limit_) {
      check_prepared(path);
    }
  }
  segments_ = places.size();
  if (places.empty()) fault(paths_.segments(), std::nullopt, "holds no segment");
  return places;
}

/// What is to become a segment holds zeros.
void SegmentsCheck::check_prepared(const std::string& path) {
  const auto file = files_.open(path, OpenMode::kRead);
  if (!file) return fault(path, std::nullopt, file.error().message);
  if ((*file)->size().value_or(0) > kMaxSegmentBytes) {
    return fault(path, std::nullopt, "is longer than a segment can be");
  }
  constexpr std::size_t kPieceBytes = 256UL * 1024;
  std::string piece(kPieceBytes, '\0');
  for (std::uint64_t at = 0;; at += piece.size()) {
    const auto got = (*file)->read(at, piece);
    if (!got) return fault(path, at, got.error().message);
    const std::size_t other = find_non_zero(std::string_view(piece).substr(0, *got));
    if (other != std::string_view::npos) {
      return fault(path, at + other, "a file that is to become a segment must hold zeros");
    }
    if (*got < piece.size()) return;
  }
}

void SegmentsCheck::check_segment(const Place& place) {
  if (place.first > size_) {
    if (size_ == 0) {
      removed_ = place.first;
    } else {
      findings_.add({.file = paths_.segments(),
                     .record = size_,
                     .last_record = place.first - 1,
                     .what = std::string(kNotHeld)});
    }
    lose(place.first, nullptr);
  }
  auto reader = SegmentReader::open(files_, place.path);
  if (!reader) {
    fault(place.path, std::nullopt,
          without(fmt::format("`{}`: ", place.path), reader.error().message));
  } else if (begin(place, *reader)) {
    return check_frames(place, *reader);
  }
  lose_rest(place);
}

/// Whether the segment is the one that its name says.
bool SegmentsCheck::begin(const Place& place, const SegmentReader& reader) {
  const SegmentHeader& header = reader.header();
  if (header.before.size() != place.first) {
    fault(place.path, std::nullopt,
          fmt::format("begins with record {}, which its name does not say: it was renamed, or is "
                      "in another's place",
                      header.before.size()));
    return false;
  }
  if (!identity_.origin.empty() && header.origin != crypto::sha256(identity_.origin)) {
    fault(place.path, std::nullopt, "is of another log than `origin` says");
  }
  if (size_ == place.first && tree_ == header.before) return true;
  if (size_ > place.first) {
    fault(place.path, std::nullopt,
          fmt::format("begins with record {}, but the segment before it ends with record {}",
                      place.first, size_ - 1));
  } else if (place.first == removed_) {
    fault(paths_.hashes(0), std::nullopt,
          "the hashes of the records that were removed are not those that the log goes on from");
  } else if (tree_ && !std::exchange(is_guessed_, false)) {
    fault(place.path, std::nullopt, "continues other records than those of the segments before it");
  }
  tree_ = header.before;
  size_ = place.first;
  is_root_wrong_ = false;
  derived_->restart(size_);
  return true;
}

void SegmentsCheck::check_frames(const Place& place, SegmentReader& reader) {
  const std::uint64_t done = done_bytes_;
  ReadFrame read;
  while (!limit_ || size_ < *limit_) {
    const std::uint64_t offset = reader.offset();
    const Result<bool> more = reader.next(read);
    if (more && *more) {
      take(place, read, offset);
    } else if (!more) {
      const std::string prefix = fmt::format("`{}`, byte {}: ", place.path, offset);
      if (!pass_damage(place, reader, without(prefix, more.error().message))) return;
    } else {
      const auto other = reader.first_non_zero(offset);
      if (other && !*other) return check_is_signed(place);
      std::string what = other ? fmt::format("something follows the end there, at byte {}", **other)
                               : other.error().message;
      if (!pass_damage(place, reader, std::move(what))) return;
    }
    done_bytes_ = done + reader.offset();
    report_();
  }
}

/// A segment that has a successor ends with a checkpoint.
void SegmentsCheck::check_is_signed(const Place& place) {
  if (!place.after || size_ == place.first || last_checkpoint_ == size_) return;
  findings_.add({.file = place.path,
                 .record = last_checkpoint_.value_or(0),
                 .last_record = size_ - 1,
                 .what = "no checkpoint covers them, although the segment is full: nobody signed "
                         "them, or what was signed was removed"});
}

bool SegmentsCheck::pass_damage(const Place& place, SegmentReader& reader, std::string what) {
  const std::uint64_t offset = reader.offset();
  if (is_torn_end(place, reader)) {
    findings_.add({.is_fault = false,
                   .file = place.path,
                   .byte = offset,
                   .what = fmt::format("{}: what a crash leaves of a batch that nobody was told "
                                       "of, or a change to what no checkpoint covers yet; it is "
                                       "cut off when the log is next opened",
                                       what)});
    return false;
  }
  fault(place.path, offset, std::move(what));
  ReadFrame later;
  const auto found = reader.find_frame(offset + kFrameAlignment, later);
  if (!found || !*found) {
    lose_rest(place);
    return false;
  }
  lose(std::max(size_, later.frame.first), &place);
  reader.go_to(**found);
  return true;
}

/// Whether what is wrong can be the last batch of a log that was not closed: see recovery.h.
bool SegmentsCheck::is_torn_end(const Place& place, SegmentReader& reader) {
  if (place.after) return false;
  const std::uint64_t covered = identity_.covered ? identity_.covered->size : 0;
  if (size_ < covered) return false;
  // The file `checkpoint` is written when its frame is durable.
  if (size_ == covered && covered > 0 && last_checkpoint_ != covered) return false;
  const std::uint64_t offset = reader.offset();
  ReadFrame later;
  const auto found = reader.find_frame(offset + kFrameAlignment, later);
  const auto beyond = reader.first_non_zero(offset + frame_bytes(kMaxPayloadBytes));
  return found && !*found && beyond && !*beyond;
}

void SegmentsCheck::take(const Place& place, const ReadFrame& read, std::uint64_t offset) {
  const Frame& frame = read.frame;
  if (frame.first != size_) {
    fault(place.path, offset,
          fmt::format("record {} is expected there, and {} was found", size_, frame.first));
    if (frame.first < size_) return;
    lose(frame.first, &place);
  }
  if (frame.kind == FrameKind::kBatch) {
    take_batch(place, read, offset);
  } else {
    take_checkpoint(place, frame, offset);
  }
  check_root(place, frame, offset);
}

void SegmentsCheck::take_batch(const Place& place, const ReadFrame& read, std::uint64_t offset) {
  std::string_view rest = read.frame.payload;
  std::uint64_t at = offset + kFrameHeadBytes;
  for (const merkle::Hash& leaf : read.leaves) {
    constexpr std::size_t kLengthBytes = sizeof(std::uint16_t);
    const std::size_t length = read_number<std::uint16_t>(rest);
    record_check_.check(rest.substr(kLengthBytes, length), size_, place.path, at);
    note_key_change(place, size_);
    derived_->add_offset(static_cast<std::uint32_t>(at));
    append(leaf);
    at += kLengthBytes + length;
    rest.remove_prefix(kLengthBytes + length);
  }
}

/// It counts when a checkpoint covers it.
void SegmentsCheck::note_key_change(const Place& place, std::uint64_t record) {
  if (!record_check_.key_change() || !key_chain_) return;
  key_changes_.push_back(
      {.file = place.path, .record = record, .note = *record_check_.key_change()});
}

bool SegmentsCheck::announce(const NotedKeyChange& change, KeyChain& chain) {
  const auto announced = chain.announce(change.note);
  if (announced) return true;
  findings_.add({.file = change.file,
                 .record = change.record,
                 .what = fmt::format("says that the log's key was exchanged, and is not to be "
                                     "believed: {}",
                                     announced.error().message)});
  return false;
}

void SegmentsCheck::announce_key_changes() {
  for (const NotedKeyChange& change : std::exchange(key_changes_, {}))
    announce(change, *key_chain_);
}

/// What a process that was killed while it exchanged the key leaves behind the last checkpoint.
void SegmentsCheck::report_unsigned_key_changes() {
  if (key_changes_.empty()) return;
  KeyChain chain = *key_chain_;
  for (const NotedKeyChange& change : key_changes_) {
    if (!announce(change, chain)) continue;
    findings_.add({.is_fault = false,
                   .file = change.file,
                   .record = change.record,
                   .what = "says that the log's key was exchanged, and no checkpoint covers that: "
                           "it was broken off, and the next start of the server ends it"});
  }
}

void SegmentsCheck::check_root(const Place& place, const Frame& frame, std::uint64_t offset) {
  if (!tree_) return;
  if (frame.root_after == tree_->root()) {
    is_guessed_ = is_root_wrong_ = false;
    return;
  }
  if (is_guessed_) {
    // What the tiles said of the records that are missing is not what was there.
    tree_.reset();
    return;
  }
  if (std::exchange(is_root_wrong_, true)) return;
  fault(place.path, offset,
        "the batch there says another root of the tree than the records up to it have: one of "
        "them was changed, added or removed");
}

void SegmentsCheck::take_checkpoint(const Place& place, const Frame& frame, std::uint64_t offset) {
  ++checkpoints_;
  last_checkpoint_ = frame.first;
  announce_key_changes();
  const auto head =
      key_chain_ ? key_chain_->open(frame.payload) : identity_.open_checkpoint(frame.payload);
  if (!head) return fault(place.path, offset, head.error().message);
  if (head->size != frame.first || (tree_ && !is_guessed_ && head->root != tree_->root())) {
    fault(place.path, offset,
          fmt::format("the checkpoint there was signed for other records than the {} before it",
                      frame.first));
  }
}

/// All that the segment may hold from here on. How many the last one holds only the tiles say,
/// which anybody may have made longer: never more than there is room for.
void SegmentsCheck::lose_rest(const Place& place) {
  // What an event takes at least: its id and its time alone are longer.
  constexpr std::uint64_t kLeastRecordBytes = 64;
  const auto file = files_.open(place.path, OpenMode::kRead);
  const std::uint64_t bytes = file ? (*file)->size().value_or(0) : 0;
  const std::uint64_t room = std::min(bytes, kMaxSegmentBytes) / kLeastRecordBytes;
  const std::uint64_t most = std::min(derived_->leaves(), place.first + room);
  lose(place.after.value_or(std::max(size_, most)), &place);
}

void SegmentsCheck::lose(std::uint64_t to, const Place* place) {
  if (to <= size_) return;
  RecordRange changed(place == nullptr ? "" : place->path,
                      "was changed, or is not where it was written", findings_);
  while (size_ < to) {
    const auto leaf = derived_->leaf(size_);
    if (!leaf) {
      tree_.reset();
      size_ = to;
      derived_->restart(size_);
      return;
    }
    if (place != nullptr && !is_in_place(size_, *leaf)) changed.add(size_);
    is_guessed_ = true;
    derived_->add_offset(std::nullopt);
    append(*leaf);
  }
}

bool SegmentsCheck::is_in_place(std::uint64_t record, const merkle::Hash& leaf) {
  Records found;
  return records_.read(record, 1, found) && merkle::leaf_hash(found[0]) == leaf;
}

void SegmentsCheck::append(const merkle::Hash& leaf) {
  ++size_;
  derived_->add_leaf(leaf);
  if (tree_) tree_->append(leaf, add_node_);
  if (next_expected_ < expected_.size()) meet_expected();
}

/// Compares the tree with those heads that are of its size.
void SegmentsCheck::meet_expected() {
  while (next_expected_ < expected_.size() && expected_[next_expected_].head.size <= size_) {
    ExpectedHead& expected = expected_[next_expected_++];
    if (expected.head.size != size_) continue;
    expected.is_met = true;
    if (!tree_) {
      fault(expected.file, std::nullopt,
            "cannot be compared with the log: some of the records before it are missing");
    } else if (tree_->root() != expected.head.root) {
      fault(expected.file, std::nullopt, expected.what_if_other);
    }
  }
}

/// The log's oldest part is not there: that must have been recorded.
void SegmentsCheck::report_removed() {
  if (removed_ == 0) return;
  const auto& removal = record_check_.removal();
  const bool is_recorded = removal && removal->count >= removed_;
  findings_.add({.is_fault = !is_recorded,
                 .file = paths_.segments(),
                 .record = 0,
                 .last_record = removed_ - 1,
                 .what = is_recorded
                             ? fmt::format("were removed after their retention, as record {} says; "
                                           "their hashes are there",
                                           removal->record)
                             : std::string(kNotHeld)});
}

void SegmentsCheck::report_unmet() {
  for (const ExpectedHead& expected : expected_) {
    if (expected.is_met) continue;
    if (expected.head.size > size_) {
      fault(expected.file, std::nullopt,
            fmt::format("covers {} records, and the log ends with {}: {}", expected.head.size,
                        size_, expected.what_if_short));
    } else {
      fault(expected.file, std::nullopt,
            "cannot be compared with the log: the records that it covers are missing");
    }
  }
}

}  // namespace wardlock::audit
