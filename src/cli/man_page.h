#pragma once

#include <chrono>
#include <string>

#include "cli/command_tree.h"

namespace wardlock::cli {

/// The manual page of section 1, in mdoc, as `man` and mandoc read it. `day` is the page's date.
std::string man_page(const CommandTree& root, std::chrono::year_month_day day);

}  // namespace wardlock::cli
