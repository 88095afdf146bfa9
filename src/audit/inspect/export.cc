#include "audit/inspect/export.h"

#include <fmt/format.h>

#include <string>

#include "audit/inspect/csv.h"
#include "audit/inspect/record_check.h"
#include "event/canonical_json.h"
#include "event/mask.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kPieceBytes = 256UL * 1024;
constexpr std::uint64_t kReportEach = 256;

/// Without opening what is sealed.
Result<bool> is_wanted(EventReader& events, std::uint64_t number, const ExportOptions& options) {
  if (!options.from && !options.to) return true;
  const std::string_view record = TRY(events.record(number));
  const auto view = TRY(event::parse_record(record));
  const auto time = time_in(view.clear_json);
  if (!time) return true;  // to be told of rather than left out
  return *time >= options.from.value_or(*time) && *time < options.to.value_or(*time + 1);
}

}  // namespace

Result<void> append_ndjson(const event::Event& event, std::uint64_t record, std::string& out) {
  std::string json;
  TRY_VOID(event::write_event(event, json));
  out += fmt::format("{{\"record\":{},", record);
  out.append(json, 1);
  out += '\n';
  return {};
}

ExportOptions export_as_csv() {
  ExportOptions options;
  append_csv_head(options.head);
  options.write_event = [](const event::Event& event, std::uint64_t record,
                           std::string& out) -> Result<void> {
    append_csv(event, record, out);
    return {};
  };
  return options;
}

Result<std::uint64_t> export_events(
    EventReader& events, const ExportOptions& options,
    const std::function<Result<void>(std::string_view)>& write,
    const std::function<void(std::uint64_t, std::uint64_t)>& report) {
  const std::uint64_t begin = TRY(events.begin());
  const std::uint64_t end = TRY(events.end());
  std::uint64_t written = 0;
  std::string piece = options.head;
  Arena arena;
  for (std::uint64_t number = begin; number < end; ++number) {
    if (report && number % kReportEach == 0) report(number - begin, end - begin);
    if (!TRY(is_wanted(events, number, options))) continue;
    event::Event event = TRY(events.event(number));
    if (options.is_masked) {
      arena.reset();
      event = event::masked(event, arena);
    }
    TRY_VOID(options.write_event(event, number, piece));
    ++written;
    if (piece.size() < kPieceBytes) continue;
    TRY_VOID(write(piece));
    piece.clear();
  }
  TRY_VOID(write(piece));
  if (report) report(end - begin, end - begin);
  return written;
}

}  // namespace wardlock::audit
