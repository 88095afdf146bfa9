#include "net/ip_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

namespace wardlock::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned kMappedBits = 96;

Bytes mapped(const in_addr& address) {
  Bytes bytes = {};
  bytes[10] = bytes[11] = 0xFF;
  std::memcpy(bytes.data() + 12, &address, 4);
  return bytes;
}

std::optional<Bytes> bytes_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return mapped(reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  Bytes bytes;
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  return bytes;
}

bool has_prefix(const Bytes& address, const Bytes& prefix, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, prefix.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits % 8));
  return (address[whole] & mask) == (prefix[whole] & mask);
}

/// What is not one host's of the Internet: of IPv4 and of 2000::/3, which is all that there is of
/// IPv6 so far. 192.88.99.0/24, 2001::/32, 2002::/16 and 64:ff9b::/96 lead to other addresses.
const std::vector<IpNetwork>& special_networks() {
  static const std::vector<IpNetwork> networks = [] {
    std::vector<IpNetwork> out;
    for (const char* text :
         {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
          "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
          "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
          "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"}) {
      out.push_back(*IpNetwork::parse(text));
    }
    return out;
  }();
  return networks;
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  IpNetwork network;
  in_addr four;
  unsigned most = 128;
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) {
    network.bytes_ = mapped(four);
    most = 32;
  } else if (::inet_pton(AF_INET6, address.c_str(), network.bytes_.data()) != 1) {
    return std::nullopt;
  }
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), bits);
    if (error != std::errc() || end != digits.end() || bits > most) return std::nullopt;
  }
  network.bits_ = bits + (most == 32 ? kMappedBits : 0);
  for (unsigned i = network.bits_; i < 128; ++i) {
    if ((network.bytes_[i / 8] >> (7 - i % 8) & 1) != 0) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const sockaddr* address) const {
  const auto bytes = wardlock::net::bytes_of(address);
  return bytes && has_prefix(*bytes, bytes_, bits_);
}

bool is_public(const sockaddr* address) {
  static const IpNetwork all_of_ipv4 = *IpNetwork::parse("0.0.0.0/0");
  static const IpNetwork given_out = *IpNetwork::parse("2000::/3");
  if (!all_of_ipv4.contains(address) && !given_out.contains(address)) return false;
  return std::ranges::none_of(special_networks(),
                              [&](const IpNetwork& each) { return each.contains(address); });
}

}  // namespace wardlock::net
