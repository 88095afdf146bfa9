#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace wardlock::authn {

/// Addresses that begin with the same bits: `10.20.0.0/16`, `2001:db8::/32`; without a length one
/// address. IPv4 mapped into IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address. A value.
class NetworkRange {
 public:
  /// Error kInvalidArgument: it is none, or has bits set behind its length.
  static Result<NetworkRange> parse(std::string_view text);

  /// False for what is no address.
  bool contains(std::string_view address) const;

  bool operator==(const NetworkRange&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_ = {};
  unsigned bits_ = 0;
};

}  // namespace wardlock::authn
