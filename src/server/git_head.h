#pragma once

#include <optional>
#include <string>

namespace wardlock::server {

/// The commit that a git work tree stands at.
struct GitHead {
  std::string commit;   ///< its name, in hexadecimal
  std::string subject;  ///< one line; empty: not known, or nothing that may be shown
};

/// Of the work tree that the folder lies in; nothing: it lies in none, or what git keeps cannot be
/// read. Reads git's files itself, a bounded part of them: no program is run, so no hook and no
/// setting of the repository is. A commit's subject is known while git keeps the commit as a file
/// of its own; one that came in a pack is known by its name alone.
std::optional<GitHead> read_git_head(const std::string& folder);

}  // namespace wardlock::server
