#include "audit/inspect/derived_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/log/big_endian.h"
#include "audit/log/zeros.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kPieceBytes = 64UL * 1024;
constexpr std::size_t kOffsetBytes = sizeof(std::uint32_t);

}  // namespace

DerivedCheck::DerivedCheck(Files& files, const LogPaths& paths, std::uint64_t unsynced_from,
                           Findings& findings)
    : files_(files), unsynced_from_(unsynced_from), findings_(findings) {
  for (std::uint32_t level = 0; level < levels_.size(); ++level) {
    Run& run = levels_[level];
    run.path = paths.hashes(level);
    run.item_bytes = merkle::kHashBytes;
    run.shift = merkle::kTileHeight * level;
    open(run);
  }
  offsets_.path = paths.offsets();
  offsets_.item_bytes = kOffsetBytes;
  open(offsets_);
}

void DerivedCheck::open(Run& run) {
  auto opened = files_.open(run.path, OpenMode::kRead);
  if (opened) {
    run.file = std::move(*opened);
  } else {
    findings_.add({.file = run.path,
                   .what = fmt::format("cannot be read: {}; it is derived from the segments, and "
                                       "is made again when the log is next opened",
                                       opened.error().message)});
  }
}

void DerivedCheck::restart(std::uint64_t size) {
  const auto restart_run = [&](Run& run) {
    compare(run);
    run.next = size >> run.shift;
  };
  for (Run& run : levels_) restart_run(run);
  restart_run(offsets_);
}

void DerivedCheck::add_hash(std::size_t level, const merkle::Hash& hash) {
  Run& run = levels_[level];
  run.expected.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  if (run.expected.size() >= kPieceBytes) compare(run);
}

void DerivedCheck::add_offset(std::optional<std::uint32_t> offset) {
  if (!offset) {
    compare(offsets_);
    ++offsets_.next;
    return;
  }
  append_number(offsets_.expected, *offset);
  if (offsets_.expected.size() >= kPieceBytes) compare(offsets_);
}

void DerivedCheck::compare(Run& run) {
  if (run.file != nullptr && !run.expected.empty()) {
    buffer_.resize(run.expected.size());
    const auto got = run.file->read(run.next * run.item_bytes, buffer_);
    buffer_.resize(got.value_or(0));
    if (buffer_ == run.expected) {
      report(run);
    } else {
      compare_items(run, buffer_);
    }
  }
  run.next += run.expected.size() / run.item_bytes;
  run.expected.clear();
}

void DerivedCheck::compare_items(Run& run, std::string_view found) {
  const std::string_view expected = run.expected;
  for (std::size_t at = 0; at < expected.size(); at += run.item_bytes) {
    const std::string_view item = found.substr(std::min(at, found.size()), run.item_bytes);
    Fault fault = Fault::kNone;
    if (item != expected.substr(at, run.item_bytes)) {
      const bool is_missing = item.size() < run.item_bytes || is_zeros(item);
      fault = is_missing ? Fault::kMissing : Fault::kWrong;
    }
    note(run, fault, run.next + at / run.item_bytes);
  }
}

/// Items that are wrong side by side are one finding.
void DerivedCheck::note(Run& run, Fault fault, std::uint64_t item) {
  if (fault != run.fault || (fault != Fault::kNone && item != run.fault_to + 1)) {
    report(run);
    run.fault = fault;
    run.fault_from = item;
  }
  run.fault_to = item;
}

void DerivedCheck::report(Run& run) {
  if (run.fault == Fault::kNone) return;
  const bool is_hash = run.item_bytes == merkle::kHashBytes;
  const std::uint64_t first = run.fault_from << run.shift;
  const bool is_unsynced = run.fault == Fault::kMissing && first >= unsynced_from_;
  std::string what = is_hash ? "the hash there is not that of the records"
                             : "that is not where the record is in its segment";
  if (run.fault == Fault::kMissing) {
    what = is_hash ? "their hashes are missing" : "their places are missing";
    what += is_unsynced ? ", as a crash can leave it; they are written again when the log is next "
                          "opened"
                        : "";
  }
  findings_.add({.is_fault = !is_unsynced,
                 .file = run.path,
                 .byte = run.fault_from * run.item_bytes,
                 .record = first,
                 .last_record = ((run.fault_to + 1) << run.shift) - 1,
                 .what = std::move(what)});
  run.fault = Fault::kNone;
}

void DerivedCheck::check_end(Run& run) {
  if (run.file == nullptr) return;
  const auto size = run.file->size();
  const std::uint64_t end = run.next * run.item_bytes;
  if (!size || *size <= end) return;
  findings_.add({.is_fault = false,
                 .file = run.path,
                 .byte = end,
                 .what = fmt::format("{} bytes follow what belongs to the last record; they mean "
                                     "nothing",
                                     *size - end)});
}

void DerivedCheck::finish(bool is_all) {
  const auto finish_run = [&](Run& run) {
    compare(run);
    report(run);
    if (is_all) check_end(run);
  };
  for (Run& run : levels_) finish_run(run);
  finish_run(offsets_);
}

/// Read in pieces: they are asked for one after another.
std::optional<merkle::Hash> DerivedCheck::leaf(std::uint64_t record) {
  File* const file = levels_[0].file.get();
  if (file == nullptr) return std::nullopt;
  const std::uint64_t had = leaves_.size() / merkle::kHashBytes;
  if (record < leaves_first_ || record - leaves_first_ >= had) {
    leaves_.resize(kPieceBytes);
    leaves_.resize(file->read(record * merkle::kHashBytes, leaves_).value_or(0));
    leaves_first_ = record;
  }
  const std::string_view item = std::string_view(leaves_).substr(
      (record - leaves_first_) * merkle::kHashBytes, merkle::kHashBytes);
  if (item.size() < merkle::kHashBytes || is_zeros(item)) return std::nullopt;
  merkle::Hash hash;
  std::ranges::copy(item, hash.begin());
  return hash;
}

std::uint64_t DerivedCheck::items_of(const Run& run) {
  return run.file == nullptr ? 0 : run.file->size().value_or(0) / run.item_bytes;
}

}  // namespace wardlock::audit
