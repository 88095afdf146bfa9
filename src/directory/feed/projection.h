#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"
#include "cedar/schema/schema.h"
#include "directory/feed/facts.h"
#include "directory/feed/known_by.h"
#include "directory/feed/known_things.h"
#include "directory/model/schema.h"
#include "pdp/sourced_attributes.h"

namespace wardlock::directory {

/// The documents of all device models: devices show much of theirs.
using Models = std::map<ThingKey, std::shared_ptr<const Document>>;

/// Under which name policies see a thing, if they do.
struct EntityNaming {
  enum class Outcome : std::uint8_t {
    kNamed,
    kNotSeen,  ///< it is not in force, or policies do not ask for such
    kOfFile,   ///< the tenant's file has the entities of its type
    kHidden,   ///< it should be seen, and cannot be
  };
  Outcome outcome = Outcome::kNotSeen;
  std::string type = {};
  std::string id = {};
  std::string why = {};  ///< of the others
};

/// Why a thing that has the name is hidden, though nothing else is wrong with it.
std::string name_is_taken(const EntityNaming& naming);

/// A thing as policies see it.
struct Projected {
  std::optional<cedar::EntityDraft> entity = {};
  std::string why = {};  ///< there is none
  /// The entity that says what of it is stale (pdp/stale.h), where something is.
  std::optional<cedar::EntityDraft> stale = {};
  bool is_untold = false;  ///< a source has told something that is fresh no more
};

/// How things become entities, by the schema of a tenant's policies (docs/directory.md). Pure; may
/// be used by any thread.
class Projection {
 public:
  /// `file_types`: those of which the tenant's file has entities.
  Projection(std::shared_ptr<const cedar::Schema> schema, KnownBy known_by,
             std::set<std::string, std::less<>> file_types);

  EntityNaming name(const Thing& thing, const Models& models) const;

  /// Requires that `known` has the thing's name. The entity is in `arena`, and borrows uids from
  /// `known` and names from the schema; other things are in it if `known` says that they are seen.
  /// `latest`: the latest that any clock was seen to say; by it told values age.
  Projected project(const Facts& facts, const KnownThings& known, const Models& models,
                    std::int64_t now, std::int64_t latest, Arena& arena) const;

  /// What sources tell of things: none, where the schema does not declare it as pdp has it.
  const pdp::SourcedAttributes& sourced() const { return sourced_; }

  const cedar::Schema& schema() const { return *schema_; }
  const std::set<std::string, std::less<>>& file_types() const { return file_types_; }

 private:
  /// The attribute that policies know the thing by, and what it is there.
  std::string id_of(const Thing& thing) const;

  std::shared_ptr<const cedar::Schema> schema_;
  KnownBy known_by_;
  std::set<std::string, std::less<>> file_types_;
  pdp::SourcedAttributes sourced_;
};

}  // namespace wardlock::directory
