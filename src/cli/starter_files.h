#pragma once

#include <span>
#include <string_view>

namespace wardlock::cli {

struct StarterFile {
  std::string_view path;  ///< inside the folder
  std::string_view text;
};

/// A small set of policies with its schema, entities and tests, to begin from.
std::span<const StarterFile> starter_files();

}  // namespace wardlock::cli
