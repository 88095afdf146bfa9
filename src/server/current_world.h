#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "server/world.h"

namespace wardlock::server {

/// The World that is published, for those who change it: one after the other. Thread-safe.
class CurrentWorld {
 public:
  /// `published` is of this world, and outlives it.
  CurrentWorld(PublishedWorld& published, World world)
      : published_(published), world_(std::move(world)) {}

  /// Publishes the World as `edit` changes it; returns it.
  World change(const std::function<void(World&)>& edit);
  World now() const;
  ServedTenant tenant(std::size_t tenant) const;
  /// Destroys what is no longer used.
  void collect() { published_.collect(); }

 private:
  PublishedWorld& published_;
  mutable std::mutex mutex_;
  World world_;
};

}  // namespace wardlock::server
