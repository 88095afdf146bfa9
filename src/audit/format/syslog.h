#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

struct SyslogOptions {
  /// 10 is security/authorization (RFC 5424 §6.2.1); at most 23.
  unsigned facility = 10;
  /// The name of our structured data: `name@number` with the private enterprise number of whoever
  /// runs Wardlock. 32473 is the number for examples (RFC 5612).
  std::string structured_data = "wardlock@32473";
};

/// Error: kInvalidArgument, what is wrong with a facility or a name of structured data.
Result<void> check_syslog_options(const SyslogOptions& options);

/// What a message says besides its header.
struct SyslogMessage {
  /// The MSG; one line.
  std::string_view text = {};
  /// Whether a byte order mark tells that it is UTF-8 (§6.4). Not for what has a syntax of its own.
  bool has_mark = true;
  /// Whether the structured data has each field of the event, or only what says which one it is.
  bool has_fields = true;
  /// The MSGID; the kind where it is empty. At most 32 printable ASCII characters.
  std::string_view id = {};
  /// Where the message has its own, whatever its event weighs (§6.2.1).
  std::optional<unsigned> severity = {};
};

/// Appends an event as a syslog message after RFC 5424, without framing and on one line. Requires
/// options that were checked.
void append_syslog(const event::Event& event, const SyslogOptions& options,
                   const SyslogMessage& message, std::string& out);

}  // namespace wardlock::audit
