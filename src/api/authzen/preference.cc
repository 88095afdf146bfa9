#include "api/authzen/preference.h"

#include <optional>
#include <string_view>

#include "api/authzen/field_value.h"

namespace wardlock::authzen {
namespace {

/// The value of a preference called `return`, or nothing for any other.
std::optional<std::string_view> return_value(std::string_view preference) {
  preference =
      preference.substr(0, find_unquoted(preference, ';'));  // its parameters say nothing to us
  const std::size_t equals = preference.find('=');
  if (!net::equal_ignoring_case(trim(preference.substr(0, equals)), "return")) return std::nullopt;
  if (equals == std::string_view::npos) return "";
  return unquoted(preference.substr(equals + 1));
}

ReturnPreference to_preference(std::string_view value) {
  if (value == "minimal") return ReturnPreference::kMinimal;
  if (value == "representation") return ReturnPreference::kRepresentation;
  return ReturnPreference::kNone;
}

}  // namespace

ReturnPreference return_preference(const net::HttpRequest& request) {
  for (const net::HttpHeader& header : request.headers) {
    if (!net::equal_ignoring_case(header.name, "Prefer")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::size_t end = find_unquoted(rest, ',');
      if (const auto value = return_value(rest.substr(0, end))) return to_preference(*value);
      rest.remove_prefix(end == rest.size() ? end : end + 1);
    }
  }
  return ReturnPreference::kNone;
}

}  // namespace wardlock::authzen
