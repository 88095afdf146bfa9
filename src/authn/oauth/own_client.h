#pragma once

#include <string_view>

#include "authn/oauth/client.h"

namespace wardlock::oauth {

/// The id of the command line, at which people sign in to administer (`wardlock login`).
inline constexpr std::string_view kCommandLineClient = "wardlock-cli";
/// Where its answers go, besides the port, which is any (RFC 8252, 7.3).
inline constexpr std::string_view kCommandLineRedirect = "http://127.0.0.1/signed-in";

/// The command line as a client: public, as anybody may run it. Who signed in with it stays so for
/// twelve hours, and for one that it is not used (SP 800-63B-4, 2.2.3).
Client command_line_client();

}  // namespace wardlock::oauth
