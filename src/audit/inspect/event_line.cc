#include "audit/inspect/event_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "audit/inspect/record_check.h"

namespace wardlock::audit {
namespace {

using event::Event;

bool has(event::Texts parts, std::string_view part) {
  return std::ranges::find(parts, part) != parts.end();
}

/// `User::"ann"`, or what keeps it from being told.
std::string entity(const Event& event, std::string_view type, std::string_view id,
                   std::string_view part) {
  if (!id.empty()) return type.empty() ? std::string(id) : fmt::format("{}::\"{}\"", type, id);
  if (type.empty()) return "";
  if (has(event.erased_parts, part)) return fmt::format("{} (erased)", type);
  if (has(event.locked_parts, part)) return fmt::format("{} (locked)", type);
  return std::string(type);
}

std::string_view ending(const Event& event) {
  if (event.allowed) return *event.allowed ? "allowed" : "denied";
  return to_string(event.outcome);
}

}  // namespace

std::string event_line(const Event& event, std::optional<std::uint64_t> record) {
  std::string line = time_text(event.time);
  if (record) line += fmt::format("  #{}", *record);
  line += fmt::format("  {}", to_string(event.kind));
  const auto add = [&line](std::string_view before, std::string_view text) {
    if (!text.empty()) line += fmt::format("{}{}", before, text);
  };
  add("  ", entity(event, event.principal_type, event.principal_id, "person"));
  add("  ", event.action);
  add("  ", entity(event, event.resource_type, event.resource_id, "patient"));
  add("  ", event.changed.substr(0, event.changed.find('\n')));  // a note's first line names it
  add("  patient ", event.patient);
  add("  device ", event.device);
  add("  caller ", event.caller);
  line += fmt::format("  {}", ending(event));
  add(": ", event.cause);
  if (!event.policies.empty()) line += fmt::format("  by {}", fmt::join(event.policies, ", "));
  add("  decision ", event.decision_id);
  if (event.kind == event::Kind::kPolicyChange && !event.notes.empty()) {
    line += fmt::format("  found {}", fmt::join(event.notes, "; "));
  }
  add("  because ", event.reason);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace wardlock::audit
