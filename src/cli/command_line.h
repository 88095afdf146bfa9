#pragma once

namespace wardlock::cli {

/// Reads the arguments of `main`, does what they ask for, and returns the exit status.
int run_command_line(int argc, const char* const* argv);

}  // namespace wardlock::cli
