#include "audit/format/syslog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/format/field_values.h"
#include "audit/format/visible_text.h"
#include "audit/format/weight.h"
#include "base/version.h"

namespace wardlock::audit {
namespace {

using event::Event;

constexpr std::size_t kMaxHostBytes = 255;  // RFC 5424 §6
constexpr std::size_t kMaxNameBytes = 32;   // an SD-NAME
constexpr unsigned kMaxFacility = 23;
constexpr std::string_view kMark = "\xEF\xBB\xBF";

/// What a message says of an event whose fields are in its text.
constexpr std::string_view kWhich[] = {"id", "kind", "outcome"};

bool is_printable_ascii(char c) { return c > 0x20 && c < 0x7F; }

/// PRINTUSASCII of at most that many bytes. What it is in full stands in the structured data.
std::string header_word(std::string_view text, std::size_t max) {
  if (text.empty()) return "-";
  std::string out(text.substr(0, max));
  std::ranges::replace_if(out, [](char c) { return !is_printable_ascii(c); }, '_');
  return out;
}

unsigned severity_of(Weight weight) {
  // Informational, notice, warning, error (§6.2.1).
  static constexpr std::array<unsigned, kWeights> kSeverities = {6, 5, 4, 3};
  return kSeverities[static_cast<std::size_t>(weight)];
}

/// An SD-PARAM (§6.3.3).
void append_parameter(std::string_view name, std::string_view value, std::string& out) {
  out += fmt::format(" {}=\"", name);
  for (const char c : visible(value)) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  out += '"';
}

void append_structured_data(const Event& event, const SyslogOptions& options, bool has_fields,
                            std::string& out) {
  out += fmt::format("[origin software=\"wardlock\" swVersion=\"{}\"][{}", version(),
                     options.structured_data);
  for_each_value(event, [&](const event::Field& field, std::string_view value) {
    if (has_fields || std::ranges::find(kWhich, field.name) != std::end(kWhich)) {
      append_parameter(field.name, value, out);
    }
  });
  out += ']';
}

}  // namespace

Result<void> check_syslog_options(const SyslogOptions& options) {
  if (options.facility > kMaxFacility) {
    return invalid(fmt::format("`{}` is no facility of syslog: give one from 0 to {}",
                               options.facility, kMaxFacility));
  }
  const std::string_view name = options.structured_data;
  const std::size_t at = name.find('@');
  const auto is_allowed = [](char c) {
    return is_printable_ascii(c) && c != '=' && c != ']' && c != '"';
  };
  const auto is_number = [](std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  };
  if (name.size() > kMaxNameBytes || !std::ranges::all_of(name, is_allowed) || at == 0 ||
      at == std::string_view::npos || !is_number(name.substr(at + 1))) {
    return invalid(
        fmt::format("`{}` is no name of structured data: give a name and your enterprise number, "
                    "e.g. `wardlock@32473`, {} characters at most",
                    visible(name), kMaxNameBytes));
  }
  return {};
}

void append_syslog(const Event& event, const SyslogOptions& options, const SyslogMessage& message,
                   std::string& out) {
  const unsigned severity = message.severity.value_or(severity_of(weight_of(event)));
  out += fmt::format("<{}>1 {} {} wardlock - {} ", (options.facility * 8) + severity,
                     message_time(event.time), header_word(event.node, kMaxHostBytes),
                     message.id.empty() ? to_string(event.kind) : message.id);
  append_structured_data(event, options, message.has_fields, out);
  out += ' ';
  if (message.has_mark) out += kMark;
  append_visible(message.text, out);
}

}  // namespace wardlock::audit
