#include "cedar/extension/extension.h"

#include <fmt/format.h>

#include <array>

namespace wardlock::cedar {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

/// The kinds a function takes, the receiver's first. Functions of one argument repeat it.
struct Parameters {
  Kind first;
  Kind second;
};

Parameters parameters(ExtensionFunction function) {
  using enum ExtensionFunction;
  switch (function) {
    case kDecimal:
    case kIp:
    case kDatetime:
    case kDuration: return {Kind::kString, Kind::kString};
    case kLessThan:
    case kLessThanOrEqual:
    case kGreaterThan:
    case kGreaterThanOrEqual: return {Kind::kDecimal, Kind::kDecimal};
    case kIsIpv4:
    case kIsIpv6:
    case kIsLoopback:
    case kIsMulticast:
    case kIsInRange: return {Kind::kIp, Kind::kIp};
    case kOffset: return {Kind::kDatetime, Kind::kDuration};
    case kDurationSince:
    case kToDate:
    case kToTime: return {Kind::kDatetime, Kind::kDatetime};
    case kToMilliseconds:
    case kToSeconds:
    case kToMinutes:
    case kToHours:
    case kToDays: break;
  }
  return {Kind::kDuration, Kind::kDuration};
}

Result<void> check_arguments(ExtensionFunction function, std::span<const Value> arguments) {
  const std::size_t receivers = call_style(function) == CallStyle::kMethod ? 1 : 0;
  if (arguments.size() != arity(function)) {
    const std::size_t wanted = arity(function) - receivers;
    return invalid(fmt::format("`{}` takes {} argument{}, not {}", to_string(function), wanted,
                               wanted == 1 ? "" : "s", arguments.size() - receivers));
  }
  const auto [first, second] = parameters(function);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Kind wanted = i == 0 ? first : second;
    if (arguments[i].is(wanted)) continue;
    return invalid(fmt::format("the {} of `{}` must be of type `{}`, not `{}`",
                               i < receivers ? "receiver" : "argument", to_string(function),
                               to_string(wanted), to_string(arguments[i].kind())));
  }
  return {};
}

Result<Value> malformed(ExtensionFunction function, std::string_view text,
                        std::string_view advice) {
  constexpr std::size_t kMaxShown = 100;
  const std::string shown = text.size() <= kMaxShown ? fmt::format("`{}`", quote(text))
                                                     : fmt::format("{} bytes of text", text.size());
  return invalid(fmt::format("`{}` cannot read {}; {}", to_string(function), shown, advice));
}

Result<Value> make_decimal(std::string_view text) {
  if (const auto number = parse_decimal(text)) return Value::decimal(*number);
  return malformed(ExtensionFunction::kDecimal, text,
                   "write `1.5`, with one to four digits after the point, between "
                   "-922337203685477.5808 and 922337203685477.5807");
}

Result<Value> make_ip(std::string_view text, Arena& arena) {
  if (const auto ip = parse_ip(text)) return Value::ip(arena.make<IpAddress>(*ip));
  return malformed(ExtensionFunction::kIp, text,
                   "write `10.0.0.1`, `fe80::1` or a range such as `10.0.0.0/8`, without leading "
                   "zeros and without IPv4 inside IPv6");
}

Result<Value> make_datetime(std::string_view text) {
  if (const auto ms = parse_datetime(text)) return Value::datetime(*ms);
  return malformed(ExtensionFunction::kDatetime, text,
                   "write `2024-10-15`, `2024-10-15T11:35:00Z` or `2024-10-15T11:35:00.000+0100`");
}

Result<Value> make_duration(std::string_view text) {
  if (const auto ms = parse_duration(text)) return Value::duration(*ms);
  return malformed(ExtensionFunction::kDuration, text,
                   "write `1d2h3m4s5ms` or some of it in this order, within 64 bits of "
                   "milliseconds");
}

std::unexpected<Error> out_of_range(ExtensionFunction function, std::string_view what) {
  return fail(ErrorCode::kOutOfRange, fmt::format("the {} that `{}` would give is out of range",
                                                  what, to_string(function)));
}

Result<Value> offset(std::int64_t datetime, std::int64_t duration) {
  if (__builtin_add_overflow(datetime, duration, &datetime)) {
    return out_of_range(ExtensionFunction::kOffset, "datetime");
  }
  return Value::datetime(datetime);
}

Result<Value> duration_since(std::int64_t datetime, std::int64_t earlier) {
  if (__builtin_sub_overflow(datetime, earlier, &datetime)) {
    return out_of_range(ExtensionFunction::kDurationSince, "duration");
  }
  return Value::duration(datetime);
}

/// The milliseconds since the last midnight, before 1970 too.
std::int64_t time_of_day(std::int64_t datetime) {
  const std::int64_t remainder = datetime % kMsPerDay;
  return remainder < 0 ? remainder + kMsPerDay : remainder;
}

Result<Value> to_date(std::int64_t datetime) {
  if (__builtin_sub_overflow(datetime, time_of_day(datetime), &datetime)) {
    return out_of_range(ExtensionFunction::kToDate, "datetime");
  }
  return Value::datetime(datetime);
}

}  // namespace

Result<Value> call_extension(ExtensionFunction function, std::span<const Value> arguments,
                             Arena& arena) {
  TRY_VOID(check_arguments(function, arguments));
  const Value& a = arguments.front();
  const Value& b = arguments.back();
  using enum ExtensionFunction;
  switch (function) {
    case kDecimal: return make_decimal(a.as_string());
    case kLessThan: return Value::boolean(a.as_scaled() < b.as_scaled());
    case kLessThanOrEqual: return Value::boolean(a.as_scaled() <= b.as_scaled());
    case kGreaterThan: return Value::boolean(a.as_scaled() > b.as_scaled());
    case kGreaterThanOrEqual: return Value::boolean(a.as_scaled() >= b.as_scaled());
    case kIp: return make_ip(a.as_string(), arena);
    case kIsIpv4: return Value::boolean(!a.as_ip().is_v6);
    case kIsIpv6: return Value::boolean(a.as_ip().is_v6);
    case kIsLoopback: return Value::boolean(is_loopback(a.as_ip()));
    case kIsMulticast: return Value::boolean(is_multicast(a.as_ip()));
    case kIsInRange: return Value::boolean(is_in_range(a.as_ip(), b.as_ip()));
    case kDatetime: return make_datetime(a.as_string());
    case kDuration: return make_duration(a.as_string());
    case kOffset: return offset(a.as_scaled(), b.as_scaled());
    case kDurationSince: return duration_since(a.as_scaled(), b.as_scaled());
    case kToDate: return to_date(a.as_scaled());
    case kToTime: return Value::duration(time_of_day(a.as_scaled()));
    case kToMilliseconds: return Value::integer(a.as_scaled());
    case kToSeconds: return Value::integer(a.as_scaled() / kMsPerSecond);
    case kToMinutes: return Value::integer(a.as_scaled() / kMsPerMinute);
    case kToHours: return Value::integer(a.as_scaled() / kMsPerHour);
    case kToDays: return Value::integer(a.as_scaled() / kMsPerDay);
  }
  return invalid("unknown extension function");
}

}  // namespace wardlock::cedar
