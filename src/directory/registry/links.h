#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

// How several things stand to others, asked at once: for lists. All within the transaction of
// `work`; of ids, any number.

enum class End : std::uint8_t { kSubject, kObject };

/// That one stands so to the other.
struct Link {
  Relation relation;
  std::string subject;
  std::string object;
  bool has_scope = false;

  const std::string& at(End end) const { return end == End::kSubject ? subject : object; }
};

/// Those valid at that moment that have one of the ids at that end, in the order in which they were
/// made; of each kind of relations, if none is given.
Result<std::vector<Link>> find_links(storage::Work& work, std::string_view tenant, End end,
                                     std::span<const std::string> ids,
                                     std::optional<Relation> relation, std::int64_t time_ms);

/// The things of the tenant with these ids, in no order; those that there are.
Result<std::vector<Thing>> find_things(storage::Work& work, std::string_view tenant,
                                       std::span<const std::string> ids);

}  // namespace wardlock::directory
