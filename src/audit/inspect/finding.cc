#include "audit/inspect/finding.h"

#include <fmt/format.h>

#include <utility>

namespace wardlock::audit {

std::string place_of(const Finding& finding) {
  std::string place = finding.file.empty() ? "" : fmt::format("`{}`", finding.file);
  const auto add = [&place](const std::string& part) {
    if (!place.empty()) place += ", ";
    place += part;
  };
  if (finding.byte) add(fmt::format("byte {}", *finding.byte));
  if (finding.record && finding.last_record.value_or(*finding.record) != *finding.record) {
    add(fmt::format("records {} to {}", *finding.record, *finding.last_record));
  } else if (finding.record) {
    add(fmt::format("record {}", *finding.record));
  }
  return place;
}

void Findings::add(Finding finding) {
  if (finding.is_fault) ++faults_;
  if (kept_.size() == kMostKept) {
    ++left_out_;
    return;
  }
  kept_.push_back(std::move(finding));
}

}  // namespace wardlock::audit
