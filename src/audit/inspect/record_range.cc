#include "audit/inspect/record_range.h"

namespace wardlock::audit {

void RecordRange::add(std::uint64_t record) {
  if (count_ > 0 && record != first_ + count_) report();
  if (count_ == 0) first_ = record;
  ++count_;
}

void RecordRange::report() {
  if (count_ == 0) return;
  findings_.add(
      {.file = file_, .record = first_, .last_record = first_ + count_ - 1, .what = what_});
  count_ = 0;
}

}  // namespace wardlock::audit
