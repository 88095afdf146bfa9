#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wardlock::cedar {

/// The functions of Cedar's four extension types.
enum class ExtensionFunction : std::uint8_t {
  kDecimal,
  kLessThan,
  kLessThanOrEqual,
  kGreaterThan,
  kGreaterThanOrEqual,
  kIp,
  kIsIpv4,
  kIsIpv6,
  kIsLoopback,
  kIsMulticast,
  kIsInRange,
  kDatetime,
  kDuration,
  kOffset,
  kDurationSince,
  kToDate,
  kToTime,
  kToMilliseconds,
  kToSeconds,
  kToMinutes,
  kToHours,
  kToDays,
};

/// How a function is written: `decimal("1.0")` or `a.lessThan(b)`.
enum class CallStyle : std::uint8_t { kFunction, kMethod };

std::string_view to_string(ExtensionFunction function);
CallStyle call_style(ExtensionFunction function);
/// The number of arguments, a method's receiver included.
std::size_t arity(ExtensionFunction function);
std::optional<ExtensionFunction> find_extension_function(std::string_view name);

}  // namespace wardlock::cedar
