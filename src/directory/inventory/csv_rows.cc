#include "directory/inventory/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

/// The first fault of a row is the one that is told.
void set_fault(CsvRow& row, std::string fault) {
  if (row.fault.empty()) row.fault = std::move(fault);
}

}  // namespace

Result<std::optional<CsvRow>> CsvRows::next() {
  if (TRY(at_.peek()) < 0) return std::nullopt;
  CsvRow row{.offset = at_.offset(), .line = at_.line()};
  for (;;) {
    TRY_VOID(read_cell(row));
    if (row.cells.size() > kMaxCells) {
      set_fault(row, fmt::format("has more than {} cells", kMaxCells));
    }
    if (!row.fault.empty()) {
      TRY_VOID(skip_line());
      break;
    }
    if (TRY(take_line_end()) || TRY(at_.peek()) < 0) break;
    at_.advance();  // the separator
  }
  row.size =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(at_.offset() - row.offset, UINT32_MAX));
  return row;
}

Result<void> CsvRows::read_cell(CsvRow& row) {
  std::string cell;
  if (TRY(at_.peek()) == '"') {
    TRY_VOID(read_quoted(row, cell));
  } else {
    TRY_VOID(read_plain(row, cell));
  }
  if (row.fault.empty() && cell.contains('\0')) {
    set_fault(row, fmt::format("has a NUL in its cell {}", row.cells.size() + 1));
  }
  if (row.fault.empty() && find_invalid_utf8(cell)) {
    set_fault(row, fmt::format("has a cell that is not valid UTF-8: cell {}; save the file as "
                               "UTF-8",
                               row.cells.size() + 1));
  }
  row.cells.push_back(std::move(cell));
  return {};
}

Result<void> CsvRows::read_quoted(CsvRow& row, std::string& cell) {
  at_.advance();
  for (;;) {
    const int c = TRY(at_.peek());
    if (c < 0) {
      set_fault(row,
                fmt::format("has a quote in its cell {} that is not closed", row.cells.size() + 1));
      return {};
    }
    at_.advance();
    if (c == '"') {
      if (TRY(at_.peek()) != '"') break;
      at_.advance();
    }
    cell += static_cast<char>(c);
    if (is_too_large(row, cell)) return {};
  }
  if (!TRY(is_cell_end())) {
    set_fault(row, fmt::format("has something behind the closing quote of its cell {}; a quote "
                               "within quotes is doubled",
                               row.cells.size() + 1));
  }
  return {};
}

Result<void> CsvRows::read_plain(CsvRow& row, std::string& cell) {
  while (!TRY(is_cell_end())) {
    const int c = TRY(at_.peek());
    if (c == '"') {
      set_fault(row, fmt::format("has a quote within its cell {}; a cell with quotes is in quotes, "
                                 "and those within are doubled",
                                 row.cells.size() + 1));
      return {};
    }
    cell += static_cast<char>(c);
    at_.advance();
    if (is_too_large(row, cell)) return {};
  }
  return {};
}

bool CsvRows::is_too_large(CsvRow& row, const std::string& cell) const {
  if (cell.size() > kMaxCellBytes) {
    set_fault(row, fmt::format("has more than {} bytes in its cell {}; perhaps a quote before it "
                               "is not closed",
                               kMaxCellBytes, row.cells.size() + 1));
  } else if (at_.offset() - row.offset > kMaxRowBytes) {
    set_fault(row, fmt::format("has more than {} bytes", kMaxRowBytes));
  }
  return !row.fault.empty();
}

Result<bool> CsvRows::take_line_end() {
  const int c = TRY(at_.peek());
  if (c != '\r' && c != '\n') return false;
  at_.advance();
  if (c == '\r' && TRY(at_.peek()) == '\n') at_.advance();
  return true;
}

Result<bool> CsvRows::is_cell_end() {
  const int c = TRY(at_.peek());
  return c < 0 || c == '\n' || c == '\r' || c == separator_;
}

Result<void> CsvRows::skip_line() {
  for (;;) {
    const int c = TRY(at_.peek());
    if (c < 0) return {};
    at_.advance();
    if (c == '\n') return {};
  }
}

Result<void> CsvRows::skip_mark() {
  for (const int byte : {0xEF, 0xBB, 0xBF}) {
    if (TRY(at_.peek()) != byte) break;
    at_.advance();
  }
  return {};
}

}  // namespace wardlock::directory
