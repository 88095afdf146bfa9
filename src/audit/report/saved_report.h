#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "event/event.h"

namespace wardlock::audit {

/// Whom or what a report must be told to be about, besides its period.
enum class Naming : std::uint8_t { kNobody, kPatient, kDevice };

/// A question that auditors ask again and again.
struct SavedReport {
  std::string_view name;   ///< at the command line, e.g. `patient`
  std::string_view title;  ///< for people
  std::string_view about;  ///< what is in it: a sentence without its full stop
  Naming names = Naming::kNobody;
  std::span<const event::Kind> kinds = {};  ///< of events; none: all kinds
  bool has_grants = false;                  ///< its page also sums up each break-glass grant
};

/// All there are. There is no other list.
std::span<const SavedReport> all_reports();

/// The one with that name, or null.
const SavedReport* find_report(std::string_view name);

}  // namespace wardlock::audit
