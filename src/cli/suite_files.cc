#include "cli/suite_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".test.yaml";

/// A folder's suites in the order of their names.
Result<std::vector<std::string>> list_suites(const fs::path& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (path.ends_with(kEnding)) paths.push_back(path);
  }
  if (error) {
    return fail(ErrorCode::kUnavailable, fmt::format("the folder `{}` cannot be read: {}",
                                                     folder.string(), error.message()));
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

Result<std::vector<std::string>> find_suites(const std::string& policies,
                                             std::vector<std::string> places) {
  if (places.empty()) {
    const fs::path path(policies);
    const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
    places.push_back(folder.empty() ? "." : folder.string());
    if (fs::is_directory(folder / "tests")) places.push_back((folder / "tests").string());
  }
  std::vector<std::string> paths;
  for (const std::string& place : places) {
    std::vector<std::string> more = {place};
    if (fs::is_directory(place)) more = TRY(list_suites(place));
    for (std::string& path : more) {
      if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
    }
  }
  if (!paths.empty()) return paths;
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no `*{}` in `{}`; write one, or name the files to run", kEnding,
                          places.front()));
}

void add_findings(std::string name, std::string text, Diagnostics mistakes,
                  std::vector<Findings>& findings) {
  constexpr std::size_t kMaxShown = 20;
  const std::size_t more = mistakes.size() - std::min(mistakes.size(), kMaxShown);
  mistakes.resize(mistakes.size() - more);
  const std::string rest =
      fmt::format("`{}` has {} more mistake{} like these", name, more, more == 1 ? "" : "s");
  findings.push_back({std::move(name), std::move(text), std::move(mistakes)});
  if (more > 0) findings.push_back({"", "", {{Severity::kError, rest, {}, ""}}});
}

std::vector<suite::SuiteFile> read_suites(std::vector<pdp::Source> sources,
                                          std::vector<Findings>& findings) {
  std::vector<suite::SuiteFile> files;
  for (pdp::Source& source : sources) {
    auto read = suite::read_suite(source.text);
    if (read) {
      files.push_back({std::move(source.name), std::move(source.text), *std::move(read)});
    } else {
      add_findings(std::move(source.name), std::move(source.text), std::move(read.error()),
                   findings);
    }
  }
  return files;
}

Result<std::vector<suite::SuiteFile>> read_suites(const std::vector<std::string>& paths,
                                                  std::vector<Findings>& findings) {
  std::vector<pdp::Source> sources;
  for (const std::string& path : paths) sources.push_back(TRY(server::read_source(path)));
  return read_suites(std::move(sources), findings);
}

}  // namespace wardlock::cli
