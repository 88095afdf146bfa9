#include "cedar/extension/function.h"

#include <algorithm>
#include <array>

namespace wardlock::cedar {
namespace {

struct Signature {
  std::string_view name;
  CallStyle style;
  std::size_t arity;
};

constexpr std::array<Signature, 22> kSignatures = {{
    {"decimal", CallStyle::kFunction, 1},
    {"lessThan", CallStyle::kMethod, 2},
    {"lessThanOrEqual", CallStyle::kMethod, 2},
    {"greaterThan", CallStyle::kMethod, 2},
    {"greaterThanOrEqual", CallStyle::kMethod, 2},
    {"ip", CallStyle::kFunction, 1},
    {"isIpv4", CallStyle::kMethod, 1},
    {"isIpv6", CallStyle::kMethod, 1},
    {"isLoopback", CallStyle::kMethod, 1},
    {"isMulticast", CallStyle::kMethod, 1},
    {"isInRange", CallStyle::kMethod, 2},
    {"datetime", CallStyle::kFunction, 1},
    {"duration", CallStyle::kFunction, 1},
    {"offset", CallStyle::kMethod, 2},
    {"durationSince", CallStyle::kMethod, 2},
    {"toDate", CallStyle::kMethod, 1},
    {"toTime", CallStyle::kMethod, 1},
    {"toMilliseconds", CallStyle::kMethod, 1},
    {"toSeconds", CallStyle::kMethod, 1},
    {"toMinutes", CallStyle::kMethod, 1},
    {"toHours", CallStyle::kMethod, 1},
    {"toDays", CallStyle::kMethod, 1},
}};

const Signature& signature(ExtensionFunction function) {
  return kSignatures[static_cast<std::size_t>(function)];
}

}  // namespace

std::string_view to_string(ExtensionFunction function) { return signature(function).name; }
CallStyle call_style(ExtensionFunction function) { return signature(function).style; }
std::size_t arity(ExtensionFunction function) { return signature(function).arity; }

std::optional<ExtensionFunction> find_extension_function(std::string_view name) {
  const auto it = std::ranges::find(kSignatures, name, &Signature::name);
  if (it == kSignatures.end()) return std::nullopt;
  return static_cast<ExtensionFunction>(it - kSignatures.begin());
}

}  // namespace wardlock::cedar
