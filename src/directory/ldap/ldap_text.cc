#include "directory/ldap/ldap_text.h"

#include <fmt/format.h>
#include <ldap.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "base/utf8.h"
#include "directory/ldap/ldap_memory.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

template <typename T>
std::optional<T> number(std::string_view digits) {
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string escape_filter_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '*' || c == '(' || c == ')' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

bool is_filter(std::string_view text) {
  if (!text.starts_with('(') || !text.ends_with(')') || text.contains('\0')) return false;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      if (depth == 0 || (--depth == 0 && i + 1 != text.size())) return false;
    }
  }
  return depth == 0;
}

std::string both(std::string_view filter, std::string_view other) {
  return fmt::format("(&{}{})", filter, other);
}

std::optional<std::string> normalise_dn(const std::string& dn) {
  if (dn.contains('\0') || find_invalid_utf8(dn)) return std::nullopt;
  char* text = nullptr;
  if (ldap_dn_normalize(dn.c_str(), LDAP_DN_FORMAT_LDAP, &text, LDAP_DN_FORMAT_LDAPV3) !=
      LDAP_SUCCESS) {
    return std::nullopt;
  }
  const LdapText owned(text);
  return text == nullptr ? std::string() : lower(text);
}

bool is_attribute_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

namespace {

// The first three parts are numbers whose lowest byte comes first ([MS-DTYP] 2.3.4).
constexpr std::array<std::size_t, 16> kGuidOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                    8, 9, 10, 11, 12, 13, 14, 15};

}  // namespace

std::optional<std::string> guid_text(std::string_view bytes) {
  if (bytes.size() != kGuidOrder.size()) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < kGuidOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[kGuidOrder[i]]));
  }
  return out;
}

std::optional<std::string> guid_filter_value(std::string_view text) {
  auto digits = uuid_text(text);
  if (!digits) return std::nullopt;
  std::erase(*digits, '-');
  std::string out;
  for (const std::size_t place : kGuidOrder) {  // the order is its own reverse
    out += '\\';
    out += digits->substr(2 * place, 2);
  }
  return out;
}

std::optional<std::string> uuid_text(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hex(text[i])) return std::nullopt;
  }
  return lower(text);
}

namespace {

/// 100 ns since 1601; 0 and the greatest number stand for never.
std::optional<std::string> filetime_text(std::string_view text) {
  constexpr std::int64_t kPerMs = 10'000;
  constexpr std::int64_t kEpochMs = 11'644'473'600'000;
  const auto ticks = number<std::int64_t>(text);
  if (!ticks) return std::nullopt;
  const std::int64_t ms = *ticks / kPerMs - kEpochMs;
  if (ms < 0 || ms >= kEndOfTime) return std::nullopt;
  return to_time_text(ms);
}

}  // namespace

std::optional<std::string> time_text(std::string_view text) {
  if (text.size() > 1 && std::ranges::all_of(text, is_digit)) return filetime_text(text);
  // YYYYMMDDHHMMSS[.f]Z or with an offset; what has no seconds is not taken.
  if (text.size() < 15 || !std::ranges::all_of(text.substr(0, 14), is_digit)) return std::nullopt;
  std::string_view zone = text.substr(14);
  if (zone.front() == '.' || zone.front() == ',') {
    zone.remove_prefix(1);
    while (!zone.empty() && is_digit(zone.front())) zone.remove_prefix(1);
  }
  std::string offset(zone);
  if (zone.size() == 5 && (zone.front() == '+' || zone.front() == '-')) {
    offset = fmt::format("{}:{}", zone.substr(0, 3), zone.substr(3));
  }
  const auto ms = parse_time(fmt::format("{}-{}-{}T{}:{}:{}{}", text.substr(0, 4),
                                         text.substr(4, 2), text.substr(6, 2), text.substr(8, 2),
                                         text.substr(10, 2), text.substr(12, 2), offset));
  if (!ms) return std::nullopt;
  return to_time_text(*ms);
}

std::optional<ValueRange> read_range(std::string_view description) {
  constexpr std::string_view kOption = ";range=";
  const std::string low = lower(description);
  const std::size_t at = low.find(kOption);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view range = std::string_view(low).substr(at + kOption.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || !number<std::uint64_t>(range.substr(0, dash))) {
    return std::nullopt;
  }
  ValueRange found{.attribute = low.substr(0, at), .last = std::nullopt};
  const std::string_view last = range.substr(dash + 1);
  if (last != "*") {
    found.last = number<std::uint64_t>(last);
    if (!found.last) return std::nullopt;
  }
  return found;
}

}  // namespace wardlock::directory
