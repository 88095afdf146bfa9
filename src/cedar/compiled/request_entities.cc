#include "cedar/compiled/request_entities.h"

#include <tuple>

namespace wardlock::cedar {

void RequestEntities::look_up(std::size_t i) {
  constexpr std::size_t kPrincipal = 0, kResource = 2;
  static_assert(static_cast<std::size_t>(Variable::kResource) == kResource);
  // Whoever needs one of these mostly needs the other soon: among many entities, both come from far
  // away, and are waited for together.
  if (i != static_cast<std::size_t>(Variable::kAction)) {
    std::tie(entities_[kPrincipal], entities_[kResource]) =
        view_.find_both(*uids_[kPrincipal], *uids_[kResource]);
    is_known_[kPrincipal] = is_known_[kResource] = true;
    return;
  }
  entities_[i] = view_.find(*uids_[i]);
  is_known_[i] = true;
}

}  // namespace wardlock::cedar
