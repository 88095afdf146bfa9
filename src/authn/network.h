#pragma once

#include <string_view>

namespace wardlock::authn {

/// Whom an address counts for: itself, or of IPv6 the /64 around it, which is one customer's. A
/// short form (`::`) early in it makes the network larger, never smaller.
std::string_view network_of(std::string_view address);

}  // namespace wardlock::authn
