#include "audit/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "audit/format/cef.h"
#include "audit/format/dicom.h"
#include "audit/format/fhir.h"
#include "audit/format/ocsf.h"
#include "audit/format/visible_text.h"
#include "audit/inspect/event_line.h"
#include "event/canonical_json.h"

namespace wardlock::audit {
namespace {

using event::Event;

constexpr auto kFormats = std::to_array<FormatName>({
    {Format::kLine, "line", "a line for people"},
    {Format::kNdjson, "ndjson", "JSON, an event on each line"},
    {Format::kSyslog, "syslog", "syslog messages of RFC 5424"},
    {Format::kCef, "cef", "Common Event Format"},
    {Format::kOcsf, "ocsf", "Open Cybersecurity Schema Framework"},
    {Format::kFhir, "fhir", "AuditEvents of FHIR R4 after IHE BALP"},
    {Format::kDicom, "dicom", "audit messages of DICOM PS3.15"},
});

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (static_cast<std::size_t>(kFormats[i].format) != i) return false;
  }
  return true;
}
static_assert(are_in_order());

/// DICOM's messages have a header of their own (IHE ITI-20, 3.20.4.1.2.1): PRI 85 where the
/// facility is 10.
SyslogMessage syslog_message(Format body, std::string_view text) {
  if (body == Format::kDicom) {
    return {.text = text, .has_fields = false, .id = "DICOM+RFC3881", .severity = 5};
  }
  const bool is_line = body == Format::kLine;
  return {.text = text, .has_mark = is_line, .has_fields = is_line};
}

Result<void> append_as_syslog(const Event& event, const FormatOptions& options, std::string& out) {
  std::string text;
  TRY_VOID(append(options.syslog_body, event, options, text));
  append_syslog(event, options.syslog, syslog_message(options.syslog_body, text), out);
  return {};
}

}  // namespace

std::span<const FormatName> all_formats() { return kFormats; }

std::string_view to_string(Format format) {
  return kFormats[static_cast<std::size_t>(format)].name;
}

Result<Format> find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatName::name);
  if (found != kFormats.end()) return found->format;
  std::string names;
  for (const FormatName& each : kFormats) {
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", each.name);
  }
  return invalid(fmt::format("`{}` is no format: give one of {}", visible(name), names));
}

Result<void> check_format_options(const FormatOptions& options) {
  TRY_VOID(check_syslog_options(options.syslog));
  if (options.syslog_body != Format::kSyslog) return {};
  return invalid("a syslog message cannot hold a syslog message: give another format for its body");
}

Result<void> append(Format format, const Event& event, const FormatOptions& options,
                    std::string& out) {
  switch (format) {
    case Format::kLine: append_visible(event_line(event), out); return {};
    case Format::kNdjson: return event::write_event(event, out);
    case Format::kCef: append_cef(event, out); return {};
    case Format::kOcsf: return append_ocsf(event, out);
    case Format::kFhir: append_fhir_audit_event(event, out); return {};
    case Format::kDicom: append_dicom_audit_message(event, out); return {};
    case Format::kSyslog: break;
  }
  return append_as_syslog(event, options, out);
}

}  // namespace wardlock::audit
