#include "cedar/compiled/request_entities.h"

namespace wardlock::cedar {

void RequestEntities::look_up(std::size_t i) {
  entities_[i] = view_.find(*uids_[i]);
  is_known_[i] = true;
}

}  // namespace wardlock::cedar
