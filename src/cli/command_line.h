#pragma once

#include <variant>

#include "cli/options.h"

namespace wardlock::cli {

/// What the process is to answer with when there is no command to run: help, version, or a usage
/// error, which has been printed.
struct ExitStatus {
  int code = 0;
};

/// Reads the arguments of `main`.
std::variant<Command, ExitStatus> parse_command_line(int argc, const char* const* argv);

}  // namespace wardlock::cli
