#pragma once

#include "base/error.h"
#include "base/secret.h"

namespace wardlock::directory {

/// A password in the form in which it is compared (RFC 8265, 4.2: PRECIS' OpaqueString): blanks of
/// all kinds are U+0020, and it is in normalization form C; letters keep their case. An error says
/// what it may not hold, and never where or what the rest is. Requires at most a few KiB.
Result<Secret> opaque_string(const Secret& text);

}  // namespace wardlock::directory
