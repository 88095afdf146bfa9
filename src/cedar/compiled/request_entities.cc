#include "cedar/compiled/request_entities.h"

#include <tuple>

namespace wardlock::cedar {

void RequestEntities::look_up(std::size_t i) {
  constexpr auto kPrincipal = static_cast<std::size_t>(Variable::kPrincipal);
  constexpr auto kResource = static_cast<std::size_t>(Variable::kResource);
  if (i != kPrincipal && i != kResource) {
    entities_[i] = view_.find(*uids_[i]);
    is_known_[i] = true;
    return;
  }
  // Who needs one of them mostly needs the other as well.
  std::tie(entities_[kPrincipal], entities_[kResource]) =
      view_.find_both(*uids_[kPrincipal], *uids_[kResource]);
  is_known_[kPrincipal] = is_known_[kResource] = true;
}

}  // namespace wardlock::cedar
