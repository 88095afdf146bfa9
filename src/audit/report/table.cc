#include "audit/report/table.h"

#include "audit/inspect/csv.h"

namespace wardlock::audit {

Result<void> write_table(const Heading&, Rows& rows, const Write& write) {
  std::string text;
  append_csv_head(text);
  TRY_VOID(write(text));
  return rows.each([&](const Row& row) {
    text.clear();
    append_csv(row.event, row.record, text);
    return write(text);
  });
}

}  // namespace wardlock::audit
