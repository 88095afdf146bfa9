// The directory beside its database, asked without it.
//
// usage: wardlock_directory_bench [--folder FOLDER] [PART…]
//
// Works in a new folder below FOLDER (default: the folder it is started in), on that disk. Ends
// with 1 where a figure is not what it must be.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include "bench/directory/parts.h"

namespace wardlock::directory {
namespace {

struct Part {
  std::string_view name;
  Result<bool> (*run)(const std::string& folder);
};

constexpr std::array kParts{Part{"store", bench_store}, Part{"registry", bench_registry}};

bool run_part(const Part& part, const std::string& above) {
  std::string folder = above + "/directory-bench-XXXXXX";
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

int run(std::vector<std::string_view> arguments) {
  std::string folder = ".";
  if (arguments.size() >= 2 && arguments[0] == "--folder") {
    folder = arguments[1];
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  for (const std::string_view name : arguments) {
    if (std::ranges::find(kParts, name, &Part::name) != kParts.end()) continue;
    fmt::print(stderr, "there is no part `{}`\n", name);
    return 2;
  }
  bool all_passed = true;
  for (const Part& part : kParts) {
    const bool wanted =
        arguments.empty() || std::ranges::find(arguments, part.name) != arguments.end();
    if (wanted && !run_part(part, folder)) all_passed = false;
  }
  return all_passed ? 0 : 1;
}

}  // namespace
}  // namespace wardlock::directory

int main(int argc, char** argv) { return wardlock::directory::run({argv + 1, argv + argc}); }
