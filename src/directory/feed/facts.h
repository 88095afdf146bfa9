#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/feed/thing_key.h"
#include "directory/model/relation.h"
#include "directory/registry/thing.h"
#include "directory/told/told_value.h"
#include "storage/work.h"

namespace wardlock::directory {

/// A relation, as one of its ends has it.
struct Tie {
  Relation relation;
  bool is_subject = true;  ///< the thing is the subject, the other one the object
  ThingKey other;
  std::optional<ThingKey> scope = {};
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;  ///< `kEndOfTime` where nothing says when
  std::string tag = {};       ///< of a care relation by exception: the patient's record number
  std::string reason = {};    ///< the same: why

  bool is_valid_at(std::int64_t time_ms) const { return from_ms <= time_ms && time_ms < until_ms; }
};

/// All that decides how a thing is seen, and is not in others' documents.
struct Facts {
  ThingKey key;
  Thing thing;
  std::vector<Tie> ties;                        ///< that have not ended
  std::vector<ToldValue> told = {};             ///< by sources
  std::vector<std::int64_t> told_moments = {};  ///< when one of them is fresh no more, or forgotten
  std::vector<ThingKey> told_names = {};        ///< that they name
};

/// Nothing: the tenant has no such thing, or it was removed.
Result<std::optional<Facts>> read_facts(storage::Work& work, std::string_view tenant,
                                        const ThingKey& key, std::int64_t now);

/// Of all things of the tenant, in the order of their ids.
Result<void> each_facts(storage::Work& work, std::string_view tenant, std::int64_t now,
                        const std::function<Result<void>(Facts&&)>& visit);

/// All things of the tenant without their ties, kind by kind: device models before others, each
/// kind in the order of its ids.
Result<void> each_thing(storage::Work& work, std::string_view tenant,
                        const std::function<Result<void>(const ThingKey&, const Thing&)>& visit);

/// Those whose attributes or parents may lead to the thing.
Result<std::vector<ThingKey>> read_neighbours(storage::Work& work, std::string_view tenant,
                                              const ThingKey& key, std::int64_t now);

/// The ends of relations that end after the one moment and not after the other.
Result<std::vector<ThingKey>> read_ending(storage::Work& work, std::string_view tenant,
                                          std::int64_t after_ms, std::int64_t until_ms);

}  // namespace wardlock::directory
