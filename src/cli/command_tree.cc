#include "cli/command_tree.h"

#include <algorithm>
#include <array>

namespace wardlock::cli {
namespace {

std::vector<std::string> parts_of(std::string_view value) {
  std::vector<std::string> parts;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('|'), value.size());
    parts.emplace_back(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return parts;
}

bool is_placeholder(std::string_view part) {
  return std::ranges::none_of(part, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::vector<std::string> CommandTree::Option::choices() const {
  std::vector<std::string> words = parts_of(value);
  std::erase_if(words, is_placeholder);
  return words;
}

bool CommandTree::Option::is_file() const {
  constexpr std::array<std::string_view, 3> kFiles = {"FILE", "PATH", "DIR"};
  return std::ranges::any_of(parts_of(value), [&](const std::string& part) {
    return std::ranges::find(kFiles, part) != kFiles.end();
  });
}

std::string_view CommandTree::name() const {
  const std::string_view all = path;
  return all.substr(all.rfind(' ') + 1);  // npos + 1 is 0
}

std::vector<const CommandTree*> all_commands(const CommandTree& root) {
  std::vector<const CommandTree*> all = {&root};
  for (const CommandTree& command : root.commands) {
    const auto below = all_commands(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace wardlock::cli
