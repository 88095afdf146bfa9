#include "audit/report/heading.h"

namespace wardlock::audit {

void Counts::add(const event::Event& event) {
  ++events;
  switch (event.outcome) {
    case event::Outcome::kSuccess: ++succeeded; break;
    case event::Outcome::kFailure: ++refused; break;
    case event::Outcome::kError: ++failed; break;
  }
  if (!event.erased_parts.empty()) ++erased;
  if (!event.locked_parts.empty()) ++locked;
}

}  // namespace wardlock::audit
