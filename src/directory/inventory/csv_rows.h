#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "directory/inventory/text.h"

namespace wardlock::directory {

/// What one row and one cell may have.
inline constexpr std::size_t kMaxRowBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxCellBytes = std::size_t{32} << 10;
inline constexpr std::size_t kMaxCells = 256;

/// A row of a CSV text.
struct CsvRow {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t line = 0;  ///< where it begins
  std::vector<std::string> cells = {};
  std::string fault = {};  ///< why it cannot be read; empty: it can

  bool is_blank() const { return fault.empty() && cells.size() == 1 && cells.front().empty(); }
};

/// Reads rows as RFC 4180 has them, from a place in a text on: lines end with LF, CRLF or CR,
/// quotes in quoted cells are doubled. A row that is wrong ends with its line.
class CsvRows {
 public:
  CsvRows(Text& text, char separator, std::uint64_t offset = 0, std::uint32_t line = 1)
      : at_(text, offset, line), separator_(separator) {}

  /// Nothing: there are no more.
  Result<std::optional<CsvRow>> next();

  /// A byte order mark at the beginning.
  Result<void> skip_mark();

 private:
  Result<void> read_cell(CsvRow& row);
  Result<void> read_quoted(CsvRow& row, std::string& cell);
  Result<void> read_plain(CsvRow& row, std::string& cell);
  Result<bool> take_line_end();
  Result<bool> is_cell_end();
  Result<void> skip_line();
  bool is_too_large(CsvRow& row, const std::string& cell) const;

  TextCursor at_;
  char separator_;
};

}  // namespace wardlock::directory
