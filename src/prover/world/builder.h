#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cedar/entities/entity_store.h"
#include "prover/condition/conditions.h"
#include "prover/condition/consistency.h"
#include "prover/world/world.h"

namespace wardlock::prover {

/// What a world is to have besides.
struct WorldWish {
  std::int64_t now = 1'795'428'000'000;  ///< 2026-11-23T10:00:00Z, if nothing speaks against it
  std::vector<std::string> fulfils = {};
  bool has_grant = false;                ///< an open break-glass grant, which the question names
  std::vector<std::string> waives = {};  ///< then: what it waives
};

/// Makes a world in which the atoms have the outcomes assumed, as far as that can be made: who
/// uses it has to try it. What the case leaves open is as plain as can be. Nothing: it found no
/// numbers that fit. `variant` counts the ways in which values can be chosen of which the case does
/// not tell enough (addresses, texts); there are `variants` of them at most.
std::optional<World> build_world(const Conditions& conditions, const Assumptions& assumptions,
                                 const Consistency& consistency, const cedar::EntityStore& given,
                                 const WorldWish& wish, std::size_t variant);
inline constexpr std::size_t kWorldVariants = 16;

}  // namespace wardlock::prover
