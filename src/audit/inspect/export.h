#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "audit/inspect/event_reader.h"
#include "base/error.h"

namespace wardlock::audit {

enum class ExportFormat : std::uint8_t {
  kNdjson,  ///< a JSON object on each line, with `record` besides the event's fields
  kCsv,     ///< see csv.h
};

struct ExportOptions {
  ExportFormat format = ExportFormat::kNdjson;
  std::optional<std::int64_t> from = {};  ///< milliseconds since the epoch
  std::optional<std::int64_t> to = {};    ///< before that
  bool is_masked = false;                 ///< fields are shown as their masks have them
};

/// An event as a line of NDJSON. Errors: those of `event::write_event`.
Result<void> append_ndjson(const event::Event& event, std::uint64_t record, std::string& out);

/// Gives all events to `write` piece by piece; returns how many they were. What cannot be opened
/// is named in an event's `erased` and `locked`. Errors: those of the reader and of `write`.
Result<std::uint64_t> export_events(
    EventReader& events, const ExportOptions& options,
    const std::function<Result<void>(std::string_view)>& write,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& report);

}  // namespace wardlock::audit
