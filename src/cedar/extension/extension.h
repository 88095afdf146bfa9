#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/extension/function.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

// Parsing and arithmetic of the extension types. All are pure; nothing means the text or the
// operation is not defined (malformed, out of range, overflow).

/// `-?\d+\.\d{1,4}`, in ten-thousandths.
std::optional<std::int64_t> parse_decimal(std::string_view text);

/// An address of at most 43 bytes, with or without `/prefix`.
std::optional<IpAddress> parse_ip(std::string_view text);
bool is_loopback(const IpAddress& ip);
bool is_multicast(const IpAddress& ip);
/// Whether every address of `inner` is one of `outer`; never across address families.
bool is_in_range(const IpAddress& inner, const IpAddress& outer);

/// `YYYY-MM-DD` with an optional `Thh:mm:ss[.SSS](Z|±hhmm)`, in milliseconds since the epoch.
std::optional<std::int64_t> parse_datetime(std::string_view text);

/// `-?` then any of `<n>d<n>h<n>m<n>s<n>ms` in that order, in milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// Calls an extension function. Allocates a result that needs it in `arena`. On failure: one line
/// saying what was wrong, for the evaluation error; wrong number or kinds of arguments included.
Result<Value> call_extension(ExtensionFunction function, std::span<const Value> arguments,
                             Arena& arena);

}  // namespace wardlock::cedar
