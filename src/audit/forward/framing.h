#pragma once

#include <string>
#include <string_view>

#include "audit/forward/forwarder_options.h"

namespace wardlock::audit {

/// Appends a message of one line as it goes over a connection or into a file.
void append_framed(std::string_view message, Framing framing, std::string& out);

}  // namespace wardlock::audit
