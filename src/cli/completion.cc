#include "cli/completion.h"

namespace wardlock::cli {

std::string completion(Shell shell, const CommandTree& root) {
  if (shell == Shell::kBash) return bash_completion(root);
  return shell == Shell::kFish ? fish_completion(root) : zsh_completion(root);
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace wardlock::cli
