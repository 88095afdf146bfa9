#include "suite/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wardlock::suite {
namespace {

using codec::Yaml;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

Span span_at(std::size_t begin, std::size_t length) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + length)};
}

/// The cells of `| a | b |`, which stands at `begin`. Requires a bar at both ends.
std::vector<Yaml> split(std::string_view line, std::size_t begin) {
  std::vector<Yaml> cells;
  std::size_t from = 1;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] != '|') {
      cell += line[i];
    } else {
      const std::string_view raw = line.substr(from, i - from);
      const std::string_view shown = trimmed(raw);
      const std::size_t at = shown.empty() ? from : from + (shown.data() - raw.data());
      cells.emplace_back(Yaml::Kind::kPlain,
                         span_at(begin + at, std::max<std::size_t>(1, shown.size())),
                         std::string(trimmed(cell)));
      cell.clear();
      from = i + 1;
    }
  }
  return cells;
}

bool is_rule(const std::vector<Yaml>& cells) {
  return std::ranges::all_of(cells, [](const Yaml& cell) {
    return cell.text.contains('-') && cell.text.find_first_not_of(":-") == std::string::npos;
  });
}

bool ends_with_bar(std::string_view line) {
  return line.size() > 1 && line.ends_with('|') && !line.ends_with("\\|");
}

class TableReader {
 public:
  explicit TableReader(std::string_view text) : text_(text) {}

  Parsed<Table> read(const Yaml& node) {
    if (node.kind != Yaml::Kind::kQuoted || !text_.substr(node.span.begin).starts_with('|')) {
      refuse(node.span, "a table must be a block of text",
             "write `|` here, and below it, indented, one line a row: `| a | b |`");
      return std::unexpected(std::move(diagnostics_));
    }
    // The block's lines are those of the text, whatever their indentation.
    std::size_t begin = text_.find('\n', node.span.begin);
    auto left = std::ranges::count(node.text, '\n') + (node.text.ends_with('\n') ? 0 : 1);
    for (; left > 0 && begin < text_.size(); --left) {
      const std::size_t end = std::min(text_.find('\n', ++begin), text_.size());
      take_line(trimmed(text_.substr(begin, end - begin)));
      begin = end;
    }
    if (diagnostics_.empty() && table_.rows.empty()) {
      refuse(node.span, "this table has no rows", "below the row of headings, write one a test");
    }
    if (!diagnostics_.empty()) return std::unexpected(std::move(diagnostics_));
    return std::move(table_);
  }

 private:
  void refuse(Span span, std::string message, std::string help = "") {
    diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
  }

  void take_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    const auto begin = static_cast<std::size_t>(line.data() - text_.data());
    const Span span = span_at(begin, line.size());
    if (!line.starts_with('|') || !ends_with_bar(line)) {
      return refuse(span, "a row must begin and end with `|`", "e.g. `| a | b |`");
    }
    std::vector<Yaml> cells = split(line, begin);
    if (table_.header.empty()) {
      table_.header = std::move(cells);
    } else if (is_rule(cells) && table_.rows.empty()) {
      return;
    } else if (cells.size() != table_.header.size()) {
      refuse(span,
             fmt::format("this row has {} cells, the headings are {}", cells.size(),
                         table_.header.size()),
             "a bar inside a cell is written `\\|`");
    } else {
      table_.rows.push_back({span, std::move(cells)});
    }
  }

  std::string_view text_;
  Table table_;
  Diagnostics diagnostics_;
};

}  // namespace

Parsed<Table> read_table(std::string_view text, const Yaml& node) {
  return TableReader(text).read(node);
}

}  // namespace wardlock::suite
