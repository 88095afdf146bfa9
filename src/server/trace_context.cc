#include "server/trace_context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "crypto/random.h"

namespace wardlock::server {
namespace {

template <std::size_t Bytes>
std::string random_hex() {
  std::array<std::uint8_t, Bytes> bytes;
  crypto::fill_random(bytes);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

/// `version-traceid-parentid-flags`; a later version may have more behind it.
bool is_traceparent(std::string_view text) {
  constexpr std::size_t kSize = 55;
  if (text.size() < kSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  if (text.size() > kSize && (version == "00" || text[kSize] != '-')) return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_hex(trace) && is_hex(parent) && is_hex(text.substr(53, 2)) && !is_zero(trace) &&
         !is_zero(parent);
}

std::optional<std::string_view> traceparent(const net::HttpRequest& request) {
  std::optional<std::string_view> found;
  for (const net::HttpHeader& header : request.headers) {
    if (!net::equal_ignoring_case(header.name, "traceparent")) continue;
    if (found) return std::nullopt;
    found = header.value;
  }
  if (!found || !is_traceparent(*found)) return std::nullopt;
  return found;
}

}  // namespace

TraceContext trace_context(const net::HttpRequest& request) {
  TraceContext out{.trace_id = {}, .parent_id = {}, .span_id = random_hex<8>()};
  if (const auto parent = traceparent(request)) {
    out.trace_id = parent->substr(3, 32);
    out.parent_id = parent->substr(36, 16);
  } else {
    out.trace_id = random_hex<16>();
  }
  return out;
}

std::string_view trace_id_of(const net::HttpRequest& request) {
  const auto parent = traceparent(request);
  return parent ? parent->substr(3, 32) : std::string_view();
}

}  // namespace wardlock::server
