#include "directory/inventory/csv_cell.h"

#include <algorithm>
#include <array>

namespace wardlock::directory {
namespace {

constexpr char kGuard = '\'';

/// How a cell begins that a spreadsheet runs, or that is read as guarded.
constexpr auto kBeginnings = std::to_array<std::string_view>(
    {"=", "+", "-", "@", "\t", "\r", "\n", "'", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"});

bool is_dangerous(std::string_view value) {
  return std::ranges::any_of(
      kBeginnings, [&](std::string_view beginning) { return value.starts_with(beginning); });
}

}  // namespace

std::string to_csv_cell(std::string_view value) {
  const bool is_guarded = is_dangerous(value);
  // Whatever separates cells in the programs that may read it.
  if (!is_guarded && value.find_first_of("\",;\t\r\n") == std::string_view::npos) {
    return std::string(value);
  }
  std::string out = "\"";
  if (is_guarded) out += kGuard;
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string from_csv_cell(std::string_view cell) {
  if (cell.starts_with(kGuard) && is_dangerous(cell.substr(1))) cell.remove_prefix(1);
  return std::string(cell);
}

std::string join_items(std::span<const std::string> items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += '|';
    for (const char c : items[i]) {
      if (c == '|' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::vector<std::string> split_items(std::string_view value) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_escape =
        value[i] == '\\' && i + 1 < value.size() && (value[i + 1] == '|' || value[i + 1] == '\\');
    if (is_escape) {
      items.back() += value[++i];
    } else if (value[i] == '|') {
      items.emplace_back();
    } else {
      items.back() += value[i];
    }
  }
  return items;
}

}  // namespace wardlock::directory
