#pragma once

#include <cstdint>
#include <string>

#include "cli/command_tree.h"

namespace wardlock::cli {

enum class Shell : std::uint8_t { kBash, kFish, kZsh };

/// A script that teaches the shell to complete the commands, options, choices and files of `root`.
std::string completion(Shell shell, const CommandTree& root);

// Each in a file of its own.
std::string bash_completion(const CommandTree& root);
std::string fish_completion(const CommandTree& root);
std::string zsh_completion(const CommandTree& root);

/// The text between single quotes, as bash and zsh read it.
std::string shell_quoted(std::string_view text);

}  // namespace wardlock::cli
