#pragma once

#include <span>
#include <string_view>

namespace wardlock::account {

/// A file of `pages` or `assets`, as it was when this was built.
struct PageFile {
  std::string_view name;
  std::string_view text;
};
std::span<const PageFile> page_files();

}  // namespace wardlock::account
