// Inventories as CSV and as JSON: each item is read again as the same, wrong or not; what is read
// as an entry goes through keys and the order of a file; cells and lists come back as they were.
#include "base/check.h"
#include "directory/inventory/csv_cell.h"
#include "directory/inventory/import_file.h"
#include "directory/inventory/inventory_text.h"

using namespace wardlock;
using namespace wardlock::directory;

namespace {

bool is_same(const InventoryText::Item& a, const InventoryText::Item& b) {
  return a ? b && *a == *b : !b && a.error() == b.error();
}

void read_items(InventoryText& inventory) {
  const auto done =
      inventory.each([&](const ItemPlace& place, InventoryText::Item item) -> Result<void> {
        const auto again = inventory.read(place);
        CHECK(again && is_same(*again, item));
        return {};
      });
  CHECK(done || !done.error().message.empty());
}

void read_file(InventoryText& inventory) {
  auto file = ImportFile::read({&inventory});
  if (!file) return;
  for (const bool is_alone : {true, false}) {
    file->begin_again();
    for (;;) {
      const auto batch = file->next(is_alone);
      if (!batch || !*batch) break;
      CHECK((*batch)->entries.size() == (*batch)->places.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TextInMemory memory(text);
  for (const char* kind : {"", "device", "person", "care"}) {
    const auto csv = csv_inventory(memory, kind);
    read_items(*csv);
    read_file(*csv);
  }
  const auto json = json_inventory(memory);
  read_items(*json);
  read_file(*json);
  const auto items = split_items(text);
  CHECK(split_items(join_items(items)) == items);
  return 0;
}
