#include "audit/inspect/event_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/log/segment.h"

namespace wardlock::audit {
namespace {

/// So many are read at once.
constexpr std::uint64_t kRun = 256;

}  // namespace

EventReader::EventReader(Files& files, const std::string& folder, event::KeyLookup& keys)
    : files_(files), paths_(folder), keys_(keys), reader_(files, folder) {}

Result<std::uint64_t> EventReader::begin() {
  const auto segments = list_segments(files_, paths_.segments());
  if (segments) return segments->empty() ? 0 : segments->front();
  if (segments.error().code != ErrorCode::kNotFound) return std::unexpected(segments.error());
  return no_log();
}

Result<std::uint64_t> EventReader::end() {
  const auto file = files_.open(paths_.offsets(), OpenMode::kRead);
  if (file) return TRY((*file)->size()) / sizeof(std::uint32_t);
  if (file.error().code != ErrorCode::kNotFound) return std::unexpected(file.error());
  return no_log();
}

std::unexpected<Error> EventReader::no_log() const {
  return fail(ErrorCode::kNotFound,
              fmt::format("`{}` is no audit log, or `offsets` is missing there; name the folder "
                          "that was given to `--audit`",
                          paths_.folder()));
}

Result<std::string_view> EventReader::record(std::uint64_t number) {
  if (number < first_ || number - first_ >= records_.size()) TRY_VOID(read_around(number));
  return records_[number - first_];
}

Result<void> EventReader::records(std::uint64_t first, std::uint32_t most, Records& out) {
  const std::uint64_t after = TRY(end());
  const std::uint64_t count = std::min<std::uint64_t>(most, after - std::min(first, after));
  return reader_.read(first, static_cast<std::uint32_t>(count), out);
}

Result<void> EventReader::read_around(std::uint64_t number) {
  const std::uint64_t oldest = TRY(begin());
  const std::uint64_t after = TRY(end());
  if (number < oldest) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("record {} is not there any more: the log's oldest records, up to {}, were "
                    "removed after their retention",
                    number, oldest - 1));
  }
  if (number >= after) {
    return fail(ErrorCode::kNotFound,
                oldest >= after ? "the log holds no records"
                                : fmt::format("there is no record {}: the log has {} to {}", number,
                                              oldest, after - 1));
  }
  first_ = std::max(oldest, number / kRun * kRun);
  auto read = reader_.read(
      first_, static_cast<std::uint32_t>(std::min(number / kRun * kRun + kRun, after) - first_),
      records_);
  if (!read && read.error().code == ErrorCode::kDataLoss) {
    // One that is damaged keeps none beside it from being read.
    first_ = number;
    read = reader_.read(number, 1, records_);
  }
  if (!read) records_.clear();
  return read;
}

Result<event::Event> EventReader::event(std::uint64_t number) {
  const std::string_view bytes = TRY(record(number));
  arena_.reset();
  auto event = event::open_record(bytes, keys_, arena_);
  if (!event) return std::unexpected(event.error().in(fmt::format("record {}", number)));
  return event;
}

Result<std::optional<std::uint64_t>> EventReader::find_decision(
    std::string_view decision_id, const std::function<void(std::uint64_t, std::uint64_t)>& report) {
  // What JSON escapes is in no id of ours.
  const std::string wanted = fmt::format("\"decision_id\":\"{}\"", decision_id);
  if (decision_id.empty() || decision_id.find_first_of("\"\\") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::uint64_t oldest = TRY(begin());
  const std::uint64_t after = TRY(end());
  for (std::uint64_t number = after; number-- > oldest;) {
    const std::string_view bytes = TRY(record(number));
    const auto view = event::parse_record(bytes);
    if (view && view->clear_json.contains(wanted)) return number;
    if (report && number % kRun == 0) report(after - number, after - oldest);
  }
  return std::nullopt;
}

}  // namespace wardlock::audit
