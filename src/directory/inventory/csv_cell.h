#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::directory {

// What stands in the cells of CSV files: docs/formats/directory-import.md.

/// As a cell that no spreadsheet runs as a formula, in quotes where that is needed.
std::string to_csv_cell(std::string_view value);

/// The value of a cell that is out of its quotes: what `to_csv_cell` put before it is taken away.
std::string from_csv_cell(std::string_view cell);

/// The items of a list as one value, and back.
std::string join_items(std::span<const std::string> items);
std::vector<std::string> split_items(std::string_view value);

}  // namespace wardlock::directory
