#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cedar/extension/cursor.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

constexpr std::size_t kMaxTextBytes = 43;  // the longest IPv6 address and `/128`
constexpr std::uint8_t kV4Bits = 32;
constexpr std::uint8_t kV6Bits = 128;
constexpr std::size_t kGroups = 8;

/// A number from 0 to `max` in the one way to write it: no sign, no leading zero.
std::optional<std::uint8_t> take_number(Cursor& cursor, int max) {
  const std::string_view digits = cursor.take_all_digits();
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) {
    return std::nullopt;
  }
  const std::optional<int> number = Cursor(digits).take_digits(digits.size());
  if (*number > max) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

std::optional<IpAddress> take_v4(Cursor& cursor) {
  IpAddress ip{{}, kV4Bits, false};
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0 && !cursor.take(".")) return std::nullopt;
    const auto octet = take_number(cursor, 255);
    if (!octet) return std::nullopt;
    ip.bytes[i] = *octet;
  }
  return ip;
}

std::optional<int> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// One to four hexadecimal digits.
std::optional<std::uint16_t> take_group(Cursor& cursor) {
  int group = 0;
  std::size_t count = 0;
  for (; count < 4 && count < cursor.rest().size(); ++count) {
    const auto digit = hex_digit(cursor.rest()[count]);
    if (!digit) break;
    group = group << 4 | *digit;
  }
  if (count == 0) return std::nullopt;
  cursor.take(cursor.rest().substr(0, count));
  return static_cast<std::uint16_t>(group);
}

void put_group(IpAddress& ip, std::size_t index, std::uint16_t group) {
  ip.bytes[2 * index] = static_cast<std::uint8_t>(group >> 8);
  ip.bytes[2 * index + 1] = static_cast<std::uint8_t>(group);
}

/// Eight groups joined by colons; `::` stands once for one group of zeros or more.
std::optional<IpAddress> take_v6(Cursor& cursor) {
  std::array<std::uint16_t, kGroups> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // how many groups stand before `::`
  if (cursor.take("::")) gap = 0;
  while (count < kGroups) {
    const auto group = take_group(cursor);
    if (!group) {
      // Only `::` may end the text, or be all of it.
      if (gap == count) break;
      return std::nullopt;
    }
    groups[count++] = *group;
    if (cursor.take("::")) {
      if (gap) return std::nullopt;
      gap = count;
    } else if (!cursor.take(":")) {
      break;
    } else if (count == kGroups) {
      return std::nullopt;
    }
  }
  if (gap ? count == kGroups : count != kGroups) return std::nullopt;

  IpAddress ip{{}, kV6Bits, true};
  const std::size_t head = gap.value_or(count);
  for (std::size_t i = 0; i < count; ++i) {
    put_group(ip, i < head ? i : kGroups - count + i, groups[i]);
  }
  return ip;
}

/// The part of `address` that every address of its range shares.
IpAddress network(const IpAddress& address, std::uint8_t prefix) {
  IpAddress out{{}, prefix, address.is_v6};
  for (int i = 0, bits = prefix; bits > 0; ++i, bits -= 8) {
    const int mask = bits >= 8 ? 0xFF : 0xFF << (8 - bits) & 0xFF;
    out.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & mask);
  }
  return out;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.size() > kMaxTextBytes) return std::nullopt;
  Cursor cursor(text);
  const bool is_v6 = text.find(':') != std::string_view::npos;
  std::optional<IpAddress> ip = is_v6 ? take_v6(cursor) : take_v4(cursor);
  if (!ip) return std::nullopt;
  if (cursor.take("/")) {
    const auto prefix = take_number(cursor, is_v6 ? kV6Bits : kV4Bits);
    if (!prefix) return std::nullopt;
    ip->prefix = *prefix;
  }
  if (!cursor.at_end()) return std::nullopt;
  return ip;
}

bool is_loopback(const IpAddress& ip) {
  if (!ip.is_v6) return ip.bytes[0] == 127 && ip.prefix >= 8;
  return ip.prefix == kV6Bits && ip.bytes[15] == 1 &&
         std::ranges::all_of(ip.bytes.begin(), ip.bytes.begin() + 15,
                             [](std::uint8_t byte) { return byte == 0; });
}

bool is_multicast(const IpAddress& ip) {
  if (!ip.is_v6) return ip.bytes[0] >> 4 == 0xE && ip.prefix >= 4;
  return ip.bytes[0] == 0xFF && ip.prefix >= 8;
}

bool is_in_range(const IpAddress& inner, const IpAddress& outer) {
  return inner.is_v6 == outer.is_v6 && inner.prefix >= outer.prefix &&
         network(inner, outer.prefix) == network(outer, outer.prefix);
}

}  // namespace wardlock::cedar
