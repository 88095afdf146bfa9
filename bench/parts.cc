#include "bench/parts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace wardlock::bench {
namespace {

bool run_part(const Part& part, const std::string& above) {
  std::string folder = above + "/bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "cannot create a folder in `{}`\n", above);
    return false;
  }
  const auto passed = part.run(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!passed) fmt::print(stderr, "{}: {}\n", part.name, passed.error().message);
  return passed && *passed;
}

}  // namespace

int run_parts(std::span<const Part> parts, std::vector<std::string_view> arguments) {
  std::string folder = ".";
  if (arguments.size() >= 2 && arguments[0] == "--folder") {
    folder = arguments[1];
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  for (const std::string_view name : arguments) {
    if (std::ranges::find(parts, name, &Part::name) != parts.end()) continue;
    fmt::print(stderr, "there is no part `{}`\n", name);
    return 2;
  }
  bool all_passed = true;
  for (const Part& part : parts) {
    const bool wanted =
        arguments.empty() || std::ranges::find(arguments, part.name) != arguments.end();
    if (wanted && !run_part(part, folder)) all_passed = false;
  }
  return all_passed ? 0 : 1;
}

}  // namespace wardlock::bench
