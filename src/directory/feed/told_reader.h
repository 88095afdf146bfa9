#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"
#include "directory/feed/facts.h"
#include "directory/feed/known_things.h"
#include "pdp/sourced_attributes.h"

namespace wardlock::directory {

/// What sources have told of a thing, as policies see it at one moment. In an arena.
struct ToldFields {
  std::vector<cedar::Field> current = {};  ///< for all, sorted by name
  /// Those that are older than they are fresh, and not forgotten; sorted by name (pdp/stale.h).
  std::vector<cedar::Field> stale = {};
  bool has_forgotten = false;  ///< something was told, and is too old for anything
};

/// Reads what was told, by the schema's attributes of the type that the thing has in policies. A
/// value that another source told, that is not of the declared type, or that names what policies do
/// not see, is none. `now`: the latest that any clock was seen to say. Pure.
ToldFields read_told_fields(const Facts& facts, std::span<const pdp::SourcedAttribute> sourced,
                            const KnownThings& known, const cedar::Schema& schema, std::int64_t now,
                            Arena& arena);

/// What is to be known of told values beside what they are: notes in the facts when they change by
/// the clock alone, and which things they name.
void note_told(std::span<const pdp::SourcedAttribute> sourced, Facts& facts);

/// The value as policies see it. `json` names things by their ids. Error (kInvalidArgument): it is
/// no such value, in words for who told it.
Result<cedar::Value> read_told_value(const codec::Json& json, const cedar::Type& type,
                                     const KnownThings& known, const cedar::Schema& schema,
                                     Arena& arena);

}  // namespace wardlock::directory
