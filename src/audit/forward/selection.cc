#include "audit/forward/selection.h"

#include <algorithm>

namespace wardlock::audit {
namespace {

template <typename Wanted, typename Value>
bool has(const std::vector<Wanted>& wanted, const Value& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

bool Selection::takes(const event::Event& event) const {
  return has(kinds, event.kind) && has(outcomes, event.outcome) &&
         has(classes, event.record_class) && has(tenants, event.tenant);
}

}  // namespace wardlock::audit
