#include "audit/inspect/inspected_log_for_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "audit/log/big_endian.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "base/check.h"

#include "merkle/note.h"

namespace wardlock::audit {

namespace fs = std::filesystem;

InspectedLog::InspectedLog() : options_(test_options(folder_)) {
  options_.seal = [](std::span<const std::string_view> drafts, Records& out) -> Result<void> {
    for (const std::string_view draft : drafts) TRY_VOID(out.add(draft));
    return {};
  };
}

merkle::VerifierKey InspectedLog::key() const { return options_.key.verifier(); }

std::unique_ptr<Log> InspectedLog::open() {
  auto log = Log::open(options_, files_);
  CHECK(log.has_value());
  return std::move(*log);
}

std::string InspectedLog::next_record() {
  event::Event event = event::decision_for_test();
  const std::string id = fmt::format("decision-{}", decisions_++);
  const std::string reason(2000, 'r');
  event.time = time_ += 10;
  event.decision_id = id;
  event.reason = reason;
  return keys_.seal(event);
}

void InspectedLog::append_to(Log& log, std::size_t count) {
  Appender& appender = log.add_appender([] {});
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(appender.append(next_record(), WhenFailing::kRefuse).has_value());
  }
}

void InspectedLog::append(std::size_t count) {
  const auto log = open();
  append_to(*log, count);
  log->close();
  head_ = log->head();
}

void InspectedLog::append_texts(const std::vector<std::string>& records) {
  const auto log = open();
  Appender& appender = log->add_appender([] {});
  for (const std::string& record : records) {
    CHECK(appender.append(record, WhenFailing::kRefuse).has_value());
  }
  log->close();
  head_ = log->head();
}

void InspectedLog::use_another_key() {
  constexpr std::array<std::uint8_t, 32> kSeed{9, 9, 9};
  options_.key =
      merkle::SignerKey::from_seed(kTestOrigin, merkle::SignatureType::kEd25519, kSeed).value();
}

merkle::SignerKey InspectedLog::draw_key() {
  const std::array<std::uint8_t, 32> seed{11, ++keys_drawn_};
  return merkle::SignerKey::from_seed(kTestOrigin, merkle::SignatureType::kEd25519, seed).value();
}

void InspectedLog::record_exchange(const KeyChange& change) {
  append_event({.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a12",
                .time = time_ += 10,
                .kind = event::Kind::kLogKeyChange,
                .changed = change.note});
}

void InspectedLog::go_on_with(const merkle::SignerKey& key, const KeyChange& change) {
  options_.next_key.reset();
  options_.key = key;
  options_.key_changes.push_back(change);
}

void InspectedLog::sign_again_with(const merkle::SignerKey& key) {
  const std::string path = LogPaths(folder_).checkpoint();
  merkle::UnverifiedNote note = merkle::parse_note(read(path)).value();
  note.signatures.push_back(key.sign(note.text, 0));
  write_at(path, 0, merkle::format_note(note).value());
}

KeyChange InspectedLog::exchange_key() {
  const merkle::SignerKey next = draw_key();
  const KeyChange change = make_key_change(options_.key, next).value();
  options_.next_key = next;
  record_exchange(change);
  go_on_with(next, change);
  return change;
}

KeyChange InspectedLog::exchange_key_unrecorded() {
  const merkle::SignerKey next = draw_key();
  const KeyChange change = make_key_change(options_.key, next).value();
  sign_again_with(next);
  go_on_with(next, change);
  return change;
}

KeyChange InspectedLog::forge_exchange() {
  const merkle::SignerKey next = draw_key();
  KeyChange change = make_key_change(options_.key, next).value();
  merkle::UnverifiedNote note = merkle::parse_note(change.note).value();
  note.signatures.erase(note.signatures.begin());
  change.note = merkle::format_note(note).value();
  sign_again_with(next);
  go_on_with(next, change);
  record_exchange(change);
  return change;
}

std::vector<std::string> InspectedLog::all_files() const {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> InspectedLog::segments() const {
  std::vector<std::string> paths = all_files();
  std::erase_if(paths, [](const std::string& path) { return !path.ends_with(".seg"); });
  return paths;
}

std::string InspectedLog::read(const std::string& path) const {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::uint64_t> InspectedLog::frames_of_last_segment() {
  SegmentReader reader = SegmentReader::open(files_, segments().back()).value();
  std::vector<std::uint64_t> offsets = {reader.offset()};
  ReadFrame frame;
  while (reader.next(frame).value()) offsets.push_back(reader.offset());
  return offsets;
}

std::uint64_t InspectedLog::end_of_last_segment() { return frames_of_last_segment().back(); }

std::vector<std::uint64_t> InspectedLog::used_places(const std::string& path) {
  std::uint64_t end = fs::file_size(path);
  if (path == segments().back()) end = end_of_last_segment();
  if (path.ends_with("/spool")) end = kSegmentHeaderBytes;
  std::vector<std::uint64_t> places(end);
  for (std::uint64_t at = 0; at < end; ++at) places[at] = at;
  return places;
}

std::pair<std::string, std::uint64_t> InspectedLog::place_of_record(std::uint64_t record) {
  const LogPaths paths(folder_);
  const std::vector<std::uint64_t> firsts = list_segments(files_, paths.segments()).value();
  const std::uint64_t first = *std::prev(std::ranges::upper_bound(firsts, record));
  const std::string offsets = read(paths.offsets());
  return {paths.segment(first),
          read_number<std::uint32_t>(std::string_view(offsets).substr(record * 4))};
}

void InspectedLog::write_at(const std::string& path, std::uint64_t at, const std::string& bytes) {
  if (!fs::exists(path)) std::ofstream(path).flush();
  fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
  std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(at));
  out << bytes;
}

void InspectedLog::flip(const std::string& path, std::uint64_t at, unsigned bit) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(at));
  const int byte = in.get();
  write_at(path, at, std::string(1, static_cast<char>(static_cast<unsigned>(byte) ^ 1U << bit)));
}

void InspectedLog::cut_last_frames(std::size_t count) {
  const auto frames = frames_of_last_segment();
  const std::uint64_t from = frames[frames.size() - 1 - count];
  write_at(segments().back(), from, std::string(frames.back() - from, '\0'));
}

void InspectedLog::rewrite_unsigned() {
  for (const std::string& path : segments()) rewrite_unsigned(path);
  fs::remove(LogPaths(folder_).checkpoint());
}

void InspectedLog::rewrite_unsigned(const std::string& path) {
  SegmentReader reader = SegmentReader::open(files_, path).value();
  std::string bytes = write_segment_header(reader.header());
  ReadFrame read;
  while (reader.next(read).value()) {
    if (read.frame.kind == FrameKind::kCheckpoint) continue;
    const FramePlace place{.salt = reader.header().salt, .offset = bytes.size()};
    write_frame(read.frame, place, read.leaves, bytes);
  }
  bytes.resize(reader.size(), '\0');
  write_at(path, 0, bytes);
}

void InspectedLog::add_unsigned() {
  const SegmentReader reader = SegmentReader::open(files_, segments().back()).value();
  const std::string record = next_record();
  std::string payload;
  append_number(payload, static_cast<std::uint16_t>(record.size()));
  payload += record;
  Frame frame{.first = head_.size, .count = 1, .payload = payload};
  const std::vector<merkle::Hash> leaves = {merkle::leaf_hash(record)};
  merkle::CompactRange tree = log_tree();
  tree.append(leaves.front());
  frame.root_after = tree.root();
  std::string bytes;
  const std::uint64_t end = end_of_last_segment();
  write_frame(frame, {.salt = reader.header().salt, .offset = end}, leaves, bytes);
  write_at(segments().back(), end, bytes);
}

merkle::CompactRange InspectedLog::log_tree() {
  SegmentReader reader = SegmentReader::open(files_, segments().back()).value();
  merkle::CompactRange tree = reader.header().before;
  ReadFrame read;
  while (reader.next(read).value()) {
    for (const merkle::Hash& leaf : read.leaves) tree.append(leaf);
  }
  return tree;
}

void InspectedLog::write_header(SegmentHeader header) {
  const std::string path = segments().front();
  const SegmentReader reader = SegmentReader::open(files_, path).value();
  header.salt = reader.header().salt;
  header.origin = reader.header().origin;
  write_at(path, 0, write_segment_header(header));
}

}  // namespace wardlock::audit
