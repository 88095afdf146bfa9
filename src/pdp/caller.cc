#include "pdp/caller.h"

#include <utility>

namespace wardlock::pdp {

Names Names::all() {
  Names names;
  names.is_all_ = true;
  return names;
}

Caller Caller::unrestricted(std::string id) {
  return {.id = std::move(id),
          .scope = {.types = Names::all(), .actions = Names::all(), .attributes = Names::all()},
          .may_explain = true,
          .may_attest = true,
          .may_override = true,
          .may_search = true};
}

}  // namespace wardlock::pdp
