#include "authn/network_range.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace wardlock::authn {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned kIpv4Prefix = 96;  // of an IPv4 address that is mapped into IPv6
constexpr unsigned kAllBits = 128;

struct Address {
  Bytes bytes = {};
  bool is_ipv4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string whole(text);  // inet_pton wants its end
  Address address;
  if (inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) == 1) return address;
  address = {.bytes = {}, .is_ipv4 = true};
  address.bytes[10] = address.bytes[11] = 0xff;
  if (inet_pton(AF_INET, whole.c_str(), address.bytes.data() + 12) == 1) return address;
  return std::nullopt;
}

bool bit(const Bytes& bytes, unsigned index) {
  return (bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

}  // namespace

Result<NetworkRange> NetworkRange::parse(std::string_view text) {
  const auto refused = [&] {
    return invalid(
        fmt::format("`{}` is no network: write `10.20.0.0/16` or `2001:db8::/32`", text));
  };
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return refused();
  const unsigned most = address->is_ipv4 ? kAllBits - kIpv4Prefix : kAllBits;
  unsigned length = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc() || end != digits.data() + digits.size() || length > most) {
      return refused();
    }
  }
  NetworkRange range;
  range.bytes_ = address->bytes;
  range.bits_ = address->is_ipv4 ? length + kIpv4Prefix : length;
  for (unsigned i = range.bits_; i < kAllBits; ++i) {
    if (bit(range.bytes_, i)) {
      return invalid(
          fmt::format("`{}` names one address and not its network: it has bits set "
                      "behind the length",
                      text));
    }
  }
  return range;
}

bool NetworkRange::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  for (unsigned i = 0; i < bits_; ++i) {
    if (bit(parsed->bytes, i) != bit(bytes_, i)) return false;
  }
  return true;
}

}  // namespace wardlock::authn
