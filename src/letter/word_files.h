#pragma once

#include <span>
#include <string_view>

namespace wardlock::letter {

/// A file of `words`, as it was when this was built.
struct WordFile {
  std::string_view name;
  std::string_view text;
};
std::span<const WordFile> word_files();

}  // namespace wardlock::letter
