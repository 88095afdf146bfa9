#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "audit/format/syslog.h"
#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

/// How an event is written for others.
enum class Format : std::uint8_t {
  kLine,    ///< a line for people
  kNdjson,  ///< the event itself as JSON
  kSyslog,  ///< RFC 5424
  kCef,     ///< ArcSight's Common Event Format
  kOcsf,    ///< Open Cybersecurity Schema Framework, as JSON
  kFhir,    ///< FHIR R4 AuditEvent, as JSON
  kDicom,   ///< audit message of DICOM PS3.15 A.5, as XML
};

struct FormatName {
  Format format;
  std::string_view name;   ///< in settings and options; ends with a zero
  std::string_view about;  ///< for people, a few words
};

/// All formats, in the order of the enumeration.
std::span<const FormatName> all_formats();
std::string_view to_string(Format format);
/// The one with that name. Error: kInvalidArgument, naming those that there are.
Result<Format> find_format(std::string_view name);

struct FormatOptions {
  SyslogOptions syslog = {};
  /// What the MSG of a syslog message is: any format but syslog itself.
  Format syslog_body = Format::kLine;
};

/// Error: kInvalidArgument, what no message can be written with.
Result<void> check_format_options(const FormatOptions& options);

/// Appends the event as one message on one line, without anything behind it. The event is opened,
/// and masked if it is to be. Requires options that were checked. Pure, so that an event has the
/// same message whenever it is sent again. Errors: those of `event::write_event`.
Result<void> append(Format format, const event::Event& event, const FormatOptions& options,
                    std::string& out);

}  // namespace wardlock::audit
