#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "conformance/case_files.h"

namespace wardlock::cedar {

inline std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

/// One case of an unpacked corpus: a JSON file that names its policies, schema and entities.
struct CorpusCase {
  Path top;  ///< the corpus
  Path file;
  boost::json::object json;

  /// The folder that the names of its files start from: the nearest one above it where its policies
  /// are found.
  Result<Path> root() const;
  /// The name of the file that is its `member`.
  std::string_view name(std::string_view member) const { return view(json.at(member).as_string()); }
};

/// The case in the file, or nothing where the file is something else.
std::optional<CorpusCase> read_case(const Path& top, const Path& file);

/// All `….json` at any depth, sorted.
std::vector<Path> json_files(const Path& top);

}  // namespace wardlock::cedar
