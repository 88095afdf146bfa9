#pragma once

#include <cstdint>

#include "net/http.h"

namespace wardlock::authzen {

/// What a caller prefers to get back (RFC 7240 §4.2).
enum class ReturnPreference : std::uint8_t { kNone, kMinimal, kRepresentation };

/// Reads the `return` preference of all `Prefer` fields. The first one counts; an unknown value is
/// no preference, and other preferences are ignored, as RFC 7240 §2 has it.
ReturnPreference return_preference(const net::HttpRequest& request);

}  // namespace wardlock::authzen
