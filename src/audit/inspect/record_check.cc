#include "audit/inspect/record_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/arena.h"
#include "event/canonical_json.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

std::optional<std::int64_t> time_in(std::string_view clear_json) {
  // Within a text of JSON a quote has a backslash before it: this can only be the key. It is
  // looked for from the end, since keys are sorted.
  constexpr std::string_view kKey = "\"time\":";
  const std::size_t at = clear_json.rfind(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t time = 0;
  const std::string_view digits = clear_json.substr(at + kKey.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), time);
  if (error != std::errc() || end == digits.data() + digits.size()) return std::nullopt;
  return *end == ',' || *end == '}' ? std::optional(time) : std::nullopt;
}

std::string time_text(std::int64_t milliseconds) {
  using std::chrono::sys_time;
  constexpr std::int64_t kYear10000 = 253'402'300'800'000;
  if (milliseconds < 0 || milliseconds >= kYear10000) return std::to_string(milliseconds);
  const sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(milliseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()},
                     unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

void RecordCheck::note_removal(std::string_view clear_json, std::uint64_t number) {
  // Of most records this says at once that they are of another kind; see `time_in`.
  if (number >= covered_ || !clear_json.contains("\"kind\":\"retention_removal\"")) return;
  Arena arena;
  event::Event event;
  if (!event::read_part(clear_json, event::Part::kClear, event, arena)) return;
  if (event.kind != event::Kind::kRetentionRemoval || event.count.value_or(0) <= 0) return;
  removal_ = {.record = number, .count = static_cast<std::uint64_t>(*event.count)};
}

void RecordCheck::note_key_change(std::string_view clear_json) {
  if (!clear_json.contains("\"kind\":\"log_key_change\"")) return;
  Arena arena;
  event::Event event;
  if (!event::read_part(clear_json, event::Part::kClear, event, arena)) return;
  if (event.kind == event::Kind::kLogKeyChange) key_change_ = event.changed;
}

void RecordCheck::check(std::string_view record, std::uint64_t number, const std::string& file,
                        std::uint64_t byte) {
  const auto add = [&](bool is_fault, std::string what) {
    findings_.add({.is_fault = is_fault,
                   .file = file,
                   .byte = byte,
                   .record = number,
                   .what = std::move(what)});
  };
  key_change_.reset();
  const auto view = event::parse_record(record);
  if (!view) {
    const bool is_newer = view.error().code == ErrorCode::kUnimplemented;
    return add(!is_newer, fmt::format("is no record of an event: {}", view.error().message));
  }
  note_removal(view->clear_json, number);
  note_key_change(view->clear_json);
  const auto time = time_in(view->clear_json);
  if (!time) return add(true, "is no record of an event: it does not say when");
  if (latest_ && *time < *latest_ - kDisorderMs) {
    add(false, fmt::format("is of {}, after one of {}: the clock was moved, or what is recorded "
                           "there waited elsewhere",
                           time_text(*time), time_text(*latest_)));
    latest_ = time;
  }
  latest_ = std::max(latest_.value_or(*time), *time);
}

}  // namespace wardlock::audit
