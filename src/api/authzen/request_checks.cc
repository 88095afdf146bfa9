#include "api/authzen/request_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/authzen/field_value.h"

namespace wardlock::authzen {
namespace {

constexpr std::size_t kMaxRequestIdLength = 256;
constexpr std::string_view kJsonType = "application/json";

/// Whether a parameter of a media type names a charset other than UTF-8.
bool is_other_charset(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!net::equal_ignoring_case(trim(parameter.substr(0, equals)), "charset")) return false;
  const std::string_view value =
      equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
  return !net::equal_ignoring_case(unquoted(value), "utf-8");
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  if (content_type == kJsonType) return true;  // as it is nearly always
  std::size_t end = find_unquoted(content_type, ';');
  if (!net::equal_ignoring_case(trim(content_type.substr(0, end)), kJsonType)) {
    return false;
  }
  while (end != content_type.size()) {
    content_type.remove_prefix(end + 1);
    end = find_unquoted(content_type, ';');
    if (is_other_charset(content_type.substr(0, end))) return false;
  }
  return true;
}

Result<std::optional<std::string_view>> request_id(const net::HttpRequest& request) {
  const auto id = request.header("X-Request-ID");
  if (!id) return std::nullopt;
  const bool is_printable = std::ranges::all_of(*id, [](char c) { return c >= ' ' && c <= '~'; });
  if (id->size() > kMaxRequestIdLength || !is_printable) {
    return invalid(fmt::format("`X-Request-ID` must be at most {} characters of printable ASCII",
                               kMaxRequestIdLength));
  }
  return id;
}

}  // namespace wardlock::authzen
