#include <fmt/format.h>

#include "directory/inventory/csv_cell.h"
#include "directory/inventory/csv_columns.h"
#include "directory/inventory/csv_rows.h"
#include "directory/inventory/inventory_text.h"

namespace wardlock::directory {
namespace {

class CsvInventory : public InventoryText {
 public:
  CsvInventory(Text& text, std::string kind) : text_(text), kind_(std::move(kind)) {}

  Result<void> each(const Visit& visit) override {
    CsvRows rows = TRY(read_header());
    for (;;) {
      auto row = TRY(rows.next());
      if (!row) return {};
      if (row->is_blank()) continue;
      ItemPlace place{.offset = row->offset, .size = row->size, .line = row->line};
      for (Item& item : items(*row)) {
        TRY_VOID(visit(place, std::move(item)));
        ++place.part;
      }
    }
  }

  Result<Item> read(const ItemPlace& place) override {
    if (!columns_) TRY_VOID(read_header());
    std::string bytes(place.size, '\0');
    bytes.resize(TRY(text_.read(place.offset, bytes)));
    TextInMemory alone(bytes);
    const auto row = TRY(CsvRows(alone, separator_, 0, place.line).next());
    if (!row) return fail(ErrorCode::kAborted, "the file became shorter while it was read");
    auto all = items(*row);
    if (place.part < all.size()) return std::move(all[place.part]);
    return fail(ErrorCode::kAborted, "the file changed while it was read");
  }

 private:
  Result<CsvRows> read_header() {
    separator_ = TRY(find_separator());
    CsvRows rows(text_, separator_);
    TRY_VOID(rows.skip_mark());
    auto header = TRY(rows.next());
    if (!header || header->is_blank()) {
      return invalid(
          "line 1: a header is missing: the names of columns, such as "
          "`kind,model,serialNumber`");
    }
    if (!header->fault.empty()) return invalid(fmt::format("line 1: the header {}", header->fault));
    columns_ = TRY(CsvColumns::read(header->cells, kind_));
    return rows;
  }

  /// The one that comes first in the header: names of columns have none of them.
  Result<char> find_separator() {
    TextCursor at(text_);
    for (std::size_t i = 0; i < kMaxRowBytes; ++i) {
      const int c = TRY(at.peek());
      if (c == ';' || c == '\t' || c == ',') return static_cast<char>(c);
      if (c < 0 || c == '\n' || c == '\r') break;
      at.advance();
    }
    return ',';
  }

  std::vector<Item> items(const CsvRow& row) const {
    if (!row.fault.empty()) return {std::unexpected(Faults{{"", row.fault}})};
    std::vector<std::string> cells;
    for (const std::string& cell : row.cells) cells.push_back(from_csv_cell(cell));
    return columns_->items(cells);
  }

  Text& text_;
  std::string kind_;
  char separator_ = ',';
  std::optional<CsvColumns> columns_;
};

}  // namespace

std::unique_ptr<InventoryText> csv_inventory(Text& text, std::string kind) {
  return std::make_unique<CsvInventory>(text, std::move(kind));
}

}  // namespace wardlock::directory
