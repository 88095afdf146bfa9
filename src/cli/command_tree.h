#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wardlock::cli {

/// What can be typed at a command line: what completions and the manual page are made of.
struct CommandTree {
  struct Option {
    std::vector<std::string> flags;  ///< `-p`, `--policies`; none: told by its place
    std::string name;                ///< where told by its place: how the help calls it
    std::string value;               ///< `FILE`, `UID`, `cedar|strict`; empty: takes none
    std::string description;
    bool is_required = false;
    bool is_repeatable = false;

    /// The words its value is one of: the parts of `value` that are no placeholder in capitals.
    std::vector<std::string> choices() const;
    /// Whether its value may name a file: a part of `value` is FILE, PATH or DIR.
    bool is_file() const;
  };

  /// Every word that leads here: `wardlock config check`.
  std::string path;
  std::string description;
  std::string footer;  ///< prose; indented lines are examples
  std::vector<Option> options;
  std::vector<CommandTree> commands;

  /// The last word of the path.
  std::string_view name() const;
};

/// The tree's root and all that is below it, each before what is below it. They live in `root`.
std::vector<const CommandTree*> all_commands(const CommandTree& root);

}  // namespace wardlock::cli
