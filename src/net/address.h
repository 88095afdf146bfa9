#pragma once

#include <string_view>

namespace wardlock::net {

/// Whether the text is a loopback IP address: 127.0.0.0/8, ::1, or the former mapped into IPv6.
/// False for everything else, names such as `localhost` included.
bool is_loopback(std::string_view address);

}  // namespace wardlock::net
