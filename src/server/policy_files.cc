#include "server/policy_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/utf8.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{256} << 20;

Result<pdp::Source> read_stream(std::istream& stream, const std::string& name) {
  std::string text;
  char block[1 << 16];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMaxFileBytes) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("`{}` is larger than {} bytes", name, kMaxFileBytes));
    }
  }
  if (stream.bad()) return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be read", name));
  return pdp::Source{name, std::move(text)};
}

/// A name becomes part of its policies' ids. What is no file could keep the reader waiting.
Result<void> check_entry(const fs::path& path) {
  const std::string name = path.filename().string();
  if (find_invalid_utf8(name) || find_deceptive_character(name)) {
    return invalid(fmt::format("the name of `{}` is not plain UTF-8 text; rename it",
                               printable(path.string())));
  }
  std::error_code error;
  if (fs::is_other(path, error)) {
    return invalid(fmt::format("`{}` is a pipe, socket or device, not a file", path.string()));
  }
  return {};
}

/// `.CEDAR`: a forbid in such a file would be missing without a word.
bool is_nearly_ours(std::string extension) {
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".cedar" || extension == ".cedarschema";
}

Result<std::vector<fs::path>> list_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".cedar" || extension == ".cedarschema") {
      paths.push_back(it->path());
    } else if (is_nearly_ours(extension)) {
      return invalid(fmt::format("`{}` would not be read; endings are in lowercase",
                                 printable(it->path().string())));
    }
  }
  if (error) {
    return fail(ErrorCode::kUnavailable, fmt::format("the folder `{}` cannot be read: {}",
                                                     folder.string(), error.message()));
  }
  for (const fs::path& path : paths) TRY_VOID(check_entry(path));
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

Result<pdp::Source> read_source(const std::string& path) {
  if (path == "-") return read_stream(std::cin, "standard input");
  std::error_code error;
  if (fs::is_directory(path, error)) return invalid(fmt::format("`{}` is a folder", path));
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::kNotFound,
                fmt::format("`{}` cannot be opened; does the file exist?", path));
  }
  return read_stream(file, path);
}

Result<std::vector<std::string>> list_policies(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> paths;
  for (const fs::path& file : TRY(list_folder(path))) paths.push_back(file.string());
  return paths;
}

Result<pdp::Sources> read_policies(const std::string& path) {
  pdp::Sources sources;
  for (const std::string& file : TRY(list_policies(path))) {
    auto& group =
        file.ends_with(".cedarschema") && file != path ? sources.schemas : sources.policies;
    group.push_back(TRY(read_source(file)));
    // What a copy onto a full disk leaves; a forbid could have stood there.
    if (file != path && group.back().text.empty()) {
      return invalid(fmt::format("`{}` is empty; write it anew or remove it", file));
    }
  }
  if (sources.policies.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no `*.cedar` in `{}`", path));
  }
  return sources;
}

}  // namespace wardlock::server
