#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/inspect/event_reader.h"
#include "base/error.h"

namespace wardlock::audit {

/// Appends an event and what ends it, given the number of its record. Errors: whatever keeps it
/// from being written.
using WriteEvent =
    std::function<Result<void>(const event::Event& event, std::uint64_t record, std::string& out)>;

/// An event as a line of NDJSON: its JSON with the number of its record as `record`. Errors: those
/// of `event::write_event`.
Result<void> append_ndjson(const event::Event& event, std::uint64_t record, std::string& out);

struct ExportOptions {
  std::string head = {};  ///< what comes before all events
  WriteEvent write_event = append_ndjson;
  std::optional<std::int64_t> from = {};  ///< milliseconds since the epoch
  std::optional<std::int64_t> to = {};    ///< before that
  bool is_masked = false;                 ///< fields are shown as their masks have them
};

/// The table of csv.h.
ExportOptions export_as_csv();

/// Gives all events to `write` piece by piece; returns how many they were. What cannot be opened
/// is named in an event's `erased` and `locked`. Errors: those of the reader, of
/// `write_event` and of `write`.
Result<std::uint64_t> export_events(
    EventReader& events, const ExportOptions& options,
    const std::function<Result<void>(std::string_view)>& write,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& report);

}  // namespace wardlock::audit
