#include "search/deciding.h"

#include <utility>

namespace wardlock::search {

bool can_be_asked(const pdp::Snapshot& snapshot, const cedar::EntityUid& action,
                  std::string_view principal_type, std::string_view resource_type) {
  if (!snapshot.types.check_principal(principal_type)) return false;
  if (!snapshot.schema()) return true;
  const cedar::ActionType* declared = snapshot.schema()->find_action(action);
  return declared != nullptr && declared->applies_to_principal(principal_type) &&
         declared->applies_to_resource(resource_type);
}

Result<bool> Deciding::take(const pdp::AccessRequest& question, std::string_view id) {
  if (found_.decisions == portion_.max_decisions) return false;
  if (portion_.observer != nullptr) {
    auto admitted = portion_.observer->admit(1);
    if (!admitted && found_.decisions == 0) return std::unexpected(std::move(admitted).error());
    if (!admitted) return false;
  }
  ++found_.decisions;
  Arena arena;  // of what chooses
  const pdp::Snapshot& by = pdp::deciding(snapshot_, canary_, question, arena);
  const auto allowed = pdp::is_allowed(by, question, now_);
  has_answers_ = has_answers_ || allowed.has_value();
  if (!allowed && !refusal_) refusal_ = allowed.error();
  if (allowed.value_or(false)) {
    // One more than is wanted: so it is known that there is a rest.
    if (found_.ids.size() == portion_.max_found) return false;
    found_.ids.emplace_back(id);
  }
  found_.rest->after = id;
  return true;
}

Found Deciding::finish() && {
  found_.rest.reset();
  return std::move(found_);
}

}  // namespace wardlock::search
