// Bills of materials as CycloneDX: what is read is the same when it is read again, and its items go
// through keys and the order of a file; whatever else it is, it is refused with a message.
#include "directory/inventory/bill.h"
#include "base/check.h"
#include "directory/inventory/bill_lines.h"
#include "directory/inventory/import_file.h"

using namespace wardlock;
using namespace wardlock::directory;

namespace {

void read_file(Bill bill) {
  const auto inventory = bill_inventory(std::move(bill));
  auto file = ImportFile::read({inventory.get()});
  CHECK(file);
  for (const bool is_alone : {true, false}) {
    file->begin_again();
    for (;;) {
      const auto batch = file->next(is_alone);
      CHECK(batch);
      if (!*batch) break;
      CHECK((*batch)->entries.size() == (*batch)->places.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  lines_of_objects(text);
  for (const BillReading& how :
       {BillReading{}, BillReading{.root = "deviceModel:meridian/MX-4", .supplier = "meridian"}}) {
    auto bill = read_bill(text, how);
    if (!bill) {
      CHECK(!bill.error().message.empty());
      continue;
    }
    const auto again = read_bill(text, how);
    CHECK(again && again->comprised == bill->comprised && again->root == bill->root);
    for (const auto& [whole, part] : bill->comprised) CHECK(whole != part);
    end_what_is_gone(*again, *bill);
    CHECK(bill->said.size() == again->said.size());
    read_file(std::move(*bill));
  }
  return 0;
}
