#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cli {

/// Whether a token may be sent there: over plain HTTP it is anybody's on the way, unless the way
/// does not leave this machine. Error (kInvalidArgument): it may not, or it is no URL of a server.
Result<void> check_server_url(std::string_view url);

/// The token that a file holds, on one line. Errors: kNotFound, kInvalidArgument.
Result<std::string> read_token_file(const std::string& path);

}  // namespace wardlock::cli
