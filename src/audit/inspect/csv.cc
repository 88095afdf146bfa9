#include "audit/inspect/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "audit/inspect/record_check.h"
#include "event/field_table.h"

namespace wardlock::audit {
namespace {

using event::Event;

constexpr std::string_view kLineEnd = "\r\n";

/// What a formula begins with, in one spreadsheet or another; some take the wide forms as well.
constexpr auto kFormulaStarts = std::to_array<std::string_view>(
    {"=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"});

bool is_time(const event::Place& place) {
  return place == event::Place(&Event::time) ||
         place == event::Place(&Event::authentication_time) ||
         place == event::Place(&Event::grant_expires_at);
}

/// Writes the cell of a field.
class CellWriter {
 public:
  CellWriter(bool is_time, std::string& out) : is_time_(is_time), out_(out) {}

  void write(std::string_view text) { append_csv_text(text, out_); }
  void write(std::int64_t number) { out_ += is_time_ ? time_text(number) : std::to_string(number); }
  void write(std::optional<std::int64_t> number) {
    if (number) write(*number);
  }
  void write(std::optional<bool> flag) {
    if (flag) out_ += *flag ? "true" : "false";
  }
  void write(event::Kind kind) { write(to_string(kind)); }
  void write(event::Outcome outcome) { write(to_string(outcome)); }
  void write(event::Texts texts) {
    if (texts.empty()) return;
    std::string json;
    for (const std::string_view text : texts) {
      json += json.empty() ? '[' : ',';
      json += '"';
      for (const char c : text) append_escaped(c, json);
      json += '"';
    }
    write(std::string_view(json += ']'));
  }

 private:
  static void append_escaped(char c, std::string& json) {
    if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      return;
    }
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }

  bool is_time_;
  std::string& out_;
};

}  // namespace

void append_csv_text(std::string_view text, std::string& out) {
  if (text.empty()) return;
  const bool is_formula = std::ranges::any_of(
      kFormulaStarts, [&](std::string_view start) { return text.starts_with(start); });
  out += '"';
  if (is_formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_head(std::string& out) {
  out += "record";
  for (const event::Field& field : event::all_fields()) {
    out += ',';
    out += field.name;
  }
  out += kLineEnd;
}

void append_csv(const Event& event, std::uint64_t record, std::string& out) {
  out += std::to_string(record);
  for (const event::Field& field : event::all_fields()) {
    out += ',';
    CellWriter writer(is_time(field.place), out);
    std::visit([&](auto place) { writer.write(event.*place); }, field.place);
  }
  out += kLineEnd;
}

}  // namespace wardlock::audit
