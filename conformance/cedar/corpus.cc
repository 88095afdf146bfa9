#include "conformance/cedar/corpus.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::cedar {

Result<Path> CorpusCase::root() const {
  for (Path folder = file.parent_path();; folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / name("policies"))) return folder;
    if (folder == top || !folder.has_relative_path()) {
      return fail(
          ErrorCode::kNotFound,
          fmt::format("no folder above it has `{}`; unpack the whole corpus", name("policies")));
    }
  }
}

std::optional<CorpusCase> read_case(const Path& top, const Path& file) {
  auto json = read_json(file);
  if (!json || !json->is_object()) return std::nullopt;
  boost::json::object& it = json->get_object();
  if (!it.contains("policies") || !it.contains("requests")) return std::nullopt;
  return CorpusCase{top, file, std::move(it)};
}

std::vector<Path> json_files(const Path& top) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace wardlock::cedar
