#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::directory {

/// The form under which an e-mail address is kept and compared: all of it in lowercase, a domain
/// with other letters than ASCII's as DNS knows it (`xn--…`, IDNA). Blanks around it do not count.
///
/// RFC 5321 lets a server tell capitals in front of the @ apart. None does, and two people whose
/// addresses differ in that alone would receive each other's messages: they count as one address.
/// Refused: quoted local parts, other letters than ASCII's in front of the @ and address literals.
Parsed<std::string> normalise_email(std::string_view text);

}  // namespace wardlock::directory
