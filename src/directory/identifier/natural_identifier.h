#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/error.h"

namespace wardlock::directory {

/// By what others know a person or a thing.
enum class NaturalIdentifier : std::uint8_t {
  kName,  ///< somebody's own numbering or naming
  kUserName,
  kEmail,
  kNpi,
  kUdi,               ///< in the form of any agency
  kDeviceIdentifier,  ///< the part of a UDI that all of a model share (DI)
  kSerial,
  kMac,
  kUuid,
};

/// All of them.
std::span<const NaturalIdentifier> natural_identifiers();

/// Its name, under which values are kept for ever, e.g. `userName`.
std::string_view to_string(NaturalIdentifier identifier);

/// In words, e.g. `a UDI`.
std::string_view describe(NaturalIdentifier identifier);

/// The one form under which it is kept and compared; or all that is wrong with it. `this_year`
/// decides which century two digits of a year are in.
Parsed<std::string> read_identifier(NaturalIdentifier identifier, std::string_view text,
                                    std::chrono::year this_year);

/// The same; error: kInvalidArgument, whose message says all that is wrong, and what was expected.
Result<std::string> normalised(NaturalIdentifier identifier, std::string_view text,
                               std::chrono::year this_year);

}  // namespace wardlock::directory
