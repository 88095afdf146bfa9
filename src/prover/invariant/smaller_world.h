#pragma once

#include <functional>

#include "prover/world/world.h"

namespace wardlock::prover {

/// Whether a world must keep the entities that its question comes to, and its caller whatever that
/// can fulfil.
struct KnownEntities {
  bool must_stay = false;
};

/// The world with whatever left out that can be left out one by one while `is_enough` holds.
/// Requires it to hold of the world. The result is minimal: nothing more can go alone.
World smaller(World world, KnownEntities known, const std::function<bool(const World&)>& is_enough);

}  // namespace wardlock::prover
