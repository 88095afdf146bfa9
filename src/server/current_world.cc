#include "server/current_world.h"

namespace wardlock::server {

World CurrentWorld::change(const std::function<void(World&)>& edit) {
  const std::scoped_lock lock(mutex_);
  edit(world_);
  published_.publish(std::make_shared<const World>(world_));
  return world_;
}

World CurrentWorld::now() const {
  const std::scoped_lock lock(mutex_);
  return world_;
}

ServedTenant CurrentWorld::tenant(std::size_t tenant) const {
  const std::scoped_lock lock(mutex_);
  return world_.tenants[tenant];
}

}  // namespace wardlock::server
