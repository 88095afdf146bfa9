#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::directory {

// Identifiers that are numbers. Each is given back in the form under which it is kept and compared;
// blanks around it do not count.

/// A National Provider Identifier (45 CFR 162.406): ten digits, the first a 1 or 2, the last Luhn's
/// check digit over 80840 and the others.
Parsed<std::string> normalise_npi(std::string_view text);

/// A MAC address or EUI-48 (six bytes) or EUI-64 (eight), in colons, hyphens, Cisco's full stops or
/// nothing: `00:1a:2b:3c:4d:5e`. Refused: an address of a group, and the one that is all zeros.
Parsed<std::string> normalise_hardware_address(std::string_view text);

/// A UUID (RFC 9562) in hexadecimal, as a URN, or in braces: in lowercase, with hyphens. Refused:
/// the nil and the max UUID.
Parsed<std::string> normalise_uuid(std::string_view text);

}  // namespace wardlock::directory
