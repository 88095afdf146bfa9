#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::net {

/// Whether it is an address as mail has it (RFC 5321, 4.1.2), of those that cannot be read two
/// ways: letters, digits and the signs of an atom, `@`, a domain name; no quotes, comments, blanks
/// or literals. At most 254 bytes.
bool is_mail_address(std::string_view text);

/// A mail in plain text.
struct Mail {
  std::string id;    ///< of letters, digits and hyphens; the same when it is sent again
  std::string from;  ///< an address
  std::string from_name = {};
  std::string to;  ///< an address
  std::string subject;
  std::string text;  ///< UTF-8; its lines end with `\n`
  std::chrono::sys_seconds date = {};
};

/// As it goes over the wire (RFC 5322, MIME): `Auto-Submitted` says that no person wrote it (RFC
/// 3834), so that no machine answers. Errors: kInvalidArgument, an address is none, or the subject
/// or a name has a control character: nothing becomes a header that was meant as a value.
Result<std::string> to_wire(const Mail& mail);

}  // namespace wardlock::net
