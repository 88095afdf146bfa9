#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::bench {

/// Policies, entities and requests of a size that one asks for.
struct ScaleWorld {
  cedar::PolicySet policies;
  cedar::EntityStore entities;
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();  ///< of the requests
  std::vector<cedar::Request> requests = {};
};

/// How many policies the scope of each request of `world_of_policies` fits.
constexpr std::size_t kMatching = 10;

/// The text of `count` policies, rounded up to whole teams: ten about each team and its folder,
/// with scopes of several kinds and a condition each.
std::string policy_text(std::size_t count);

/// That many policies over 20,000 people and 20,000 documents, however many policies there are:
/// with fewer policies the teams are larger, so that nothing else grows. A request is of a person
/// about a document of the same team, drawn uniformly.
ScaleWorld world_of_policies(std::size_t count, std::size_t requests, std::uint64_t seed);

/// Five policies over that many entities, a tenth of them people, the others lab reports of four
/// attributes, in patients, wards and hospitals.
ScaleWorld world_of_entities(std::size_t count);
/// Requests for it, of a person about a report, both drawn uniformly. The uids are in `arena`.
std::vector<cedar::Request> requests_about_entities(std::size_t count, std::size_t requests,
                                                    std::uint64_t seed, Arena& arena);

}  // namespace wardlock::bench
