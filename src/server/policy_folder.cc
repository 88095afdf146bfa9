#include "server/policy_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "server/policy_files.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTestFolder = "tests";

Result<bundle::BundledFile> read_file(const fs::path& path, std::string name) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return invalid(fmt::format("`{}` is no file; remove it or name it otherwise", path.string()));
  }
  pdp::Source source = TRY(read_source(path.string()));
  return bundle::BundledFile{std::move(name), std::move(source.text)};
}

/// Adds the files of a folder; `prefix` stands before their names.
Result<void> add_folder(const fs::path& folder, std::string_view prefix,
                        std::vector<bundle::BundledFile>& files) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string own = it->path().filename().string();
    std::string name = std::string(prefix) + own;
    if (bundle::kind_of(name)) {
      files.push_back(TRY(read_file(it->path(), std::move(name))));
    } else if (is_nearly_bundled(own)) {
      return would_be_missing(it->path().string());
    }
  }
  if (!error) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("the folder `{}` cannot be read: {}", folder.string(), error.message()));
}

}  // namespace

bool is_nearly_bundled(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 9> kEndings = {
      ".cedar",      ".cedarschema", ".cedarschema.json", ".test.yaml", ".test.yml",
      ".invariants", ".invariant",   "links.json",        "bundle.json"};
  return std::ranges::any_of(kEndings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

std::unexpected<Error> would_be_missing(std::string_view path) {
  return invalid(
      fmt::format("`{}` would not be in the bundle; rename it, with ASCII letters, digits, `.`, "
                  "`-` and `_`, an "
                  "ending in lowercase, and only `*.test.yaml` in `tests`",
                  printable(path)));
}

Result<bundle::Content> content_of_folder(std::vector<bundle::BundledFile> files,
                                          const std::string& folder) {
  const auto is = [](bundle::FileKind kind) {
    return [kind](const bundle::BundledFile& file) { return bundle::kind_of(file.name) == kind; };
  };
  if (std::ranges::none_of(files, is(bundle::FileKind::kTests))) {
    std::erase_if(files, is(bundle::FileKind::kTestWorld));
  }
  auto content = bundle::Content::of(std::move(files));
  if (!content) return std::unexpected(content.error().in(folder));
  return content;
}

Result<bundle::Content> read_policy_folder(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorCode::kNotFound, fmt::format("`{}` is no folder", folder));
  }
  std::vector<bundle::BundledFile> files;
  TRY_VOID(add_folder(folder, "", files));
  const fs::path tests = fs::path(folder) / kTestFolder;
  if (fs::is_directory(tests, error)) TRY_VOID(add_folder(tests, "tests/", files));
  return content_of_folder(std::move(files), folder);
}

}  // namespace wardlock::server
