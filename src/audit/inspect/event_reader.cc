#include "audit/inspect/event_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::audit {
namespace {

/// So many are read at once.
constexpr std::uint64_t kRun = 256;

}  // namespace

EventReader::EventReader(Files& files, const std::string& folder, event::KeyLookup& keys)
    : files_(files), paths_(folder), keys_(keys), reader_(files, folder) {}

Result<std::uint64_t> EventReader::count() {
  const auto file = files_.open(paths_.offsets(), OpenMode::kRead);
  if (file) return TRY((*file)->size()) / sizeof(std::uint32_t);
  if (file.error().code != ErrorCode::kNotFound) return std::unexpected(file.error());
  return fail(ErrorCode::kNotFound,
              fmt::format("`{}` is no audit log: it has no `offsets`; name the folder that was "
                          "given to `--audit`",
                          paths_.folder()));
}

Result<std::string_view> EventReader::record(std::uint64_t number) {
  if (number < first_ || number - first_ >= records_.size()) TRY_VOID(read_around(number));
  return records_[number - first_];
}

Result<void> EventReader::read_around(std::uint64_t number) {
  const std::uint64_t count = TRY(this->count());
  if (number >= count) {
    return fail(ErrorCode::kNotFound,
                count == 0 ? "the log holds no records"
                           : fmt::format("there is no record {}: the log's last one is {}", number,
                                         count - 1));
  }
  first_ = number / kRun * kRun;
  auto read =
      reader_.read(first_, static_cast<std::uint32_t>(std::min(kRun, count - first_)), records_);
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
  const std::uint64_t count = TRY(this->count());
  for (std::uint64_t number = count; number-- > 0;) {
    const std::string_view bytes = TRY(record(number));
    const auto view = event::parse_record(bytes);
    if (view && view->clear_json.contains(wanted)) return number;
    if (report && number % kRun == 0) report(count - number, count);
  }
  return std::nullopt;
}

}  // namespace wardlock::audit
