#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wardlock::net {

/// A range of IP addresses. IPv4 addresses are those that IPv6 maps (RFC 4291, 2.5.5.2), so that
/// one written either way is the same. A value.
class IpNetwork {
 public:
  /// `10.0.0.0/8`, `fd00::/8`, or one address. Nothing: it is none, or has bits beyond its length.
  static std::optional<IpNetwork> parse(std::string_view text);

  /// Whether the address of a socket is among them; those of other families are not.
  bool contains(const sockaddr* address) const;

  bool operator==(const IpNetwork&) const = default;

 private:
  IpNetwork() = default;

  std::array<std::uint8_t, 16> bytes_ = {};
  unsigned bits_ = 0;
};

/// Whether the address is one that the Internet routes to a single host: not of a private network,
/// this machine, its link, a group, documentation, or one that hides another address (RFC 6890 and
/// IANA's registries of special-purpose addresses).
bool is_public(const sockaddr* address);

}  // namespace wardlock::net
