#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

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

/// Its name, under which values are kept for ever, e.g. `userName`.
std::string_view to_string(NaturalIdentifier identifier);

/// In words, e.g. `a UDI`.
std::string_view describe(NaturalIdentifier identifier);

/// The one form under which it is kept and compared. `this_year` decides which century two digits
/// of a year are in. Requires valid UTF-8. Error: kInvalidArgument, it is none; the message says
/// why.
Result<std::string> normalised(NaturalIdentifier identifier, std::string_view text,
                               std::chrono::year this_year);

}  // namespace wardlock::directory
