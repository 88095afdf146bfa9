#pragma once

#include <expected>
#include <string>

#include "base/error.h"
#include "cli/output.h"
#include "config/config.h"

namespace wardlock::cli {

/// The configuration in a file as it can be now; for a running server.
Result<config::Config> read_config(const std::string& path);

/// The same for a command: what is wrong is reported, and the exit status returned.
std::expected<config::Config, Exit> load_config(const std::string& path, const Output& output);

}  // namespace wardlock::cli
