#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"
#include "directory/feed/known_by.h"
#include "directory/feed/open_grants.h"
#include "directory/feed/seen_people.h"
#include "directory/registry/thing.h"
#include "pdp/sourced_attributes.h"
#include "storage/store.h"

namespace wardlock::directory {

struct FeedOptions {
  std::string tenant;
  KnownBy known_by = {};
  std::shared_ptr<const cedar::Schema> schema;  ///< of the tenant's policies
  const OpenGrants* grants = nullptr;           ///< outlives the feed; null: there are none
  bool are_told = false;  ///< sources tell of things here: the database has `kToldTables`
};

/// Something that policies do not see, though it is in force and of a type that they know.
struct HiddenThing {
  std::string id;
  std::string kind;
  std::string why;

  bool operator==(const HiddenThing&) const = default;
};

/// An attribute that a source tells, as the schema has it (pdp/sourced_attributes.h).
struct ToldAttribute {
  std::string type;
  std::string name;
  std::string source;
  std::int64_t fresh_ms = 0;
  pdp::Silence silence = pdp::Silence::kDeny;
  std::int64_t last_known_ms = 0;
};

/// What the schema says of an action.
struct SeenAction {
  std::string action_class;     ///< pdp/accountability.h; empty: none
  bool takes_approval = false;  ///< policies may look at `context.approval`
};

/// How one thing is seen.
struct SeenThing {
  std::string entity;  ///< as entities JSON has it; empty: policies do not see it
  std::string why;     ///< why not
};

/// The entities of a tenant: those of its file, and what its policies see of its directory, which
/// follow the directory's changes and the clock. Between two calls of `follow` it is of one
/// revision. Not thread-safe: one call at a time, on a thread that may wait for the database; what
/// `entities` returned may be read by any.
///
/// Errors of all that reads: those of storage::Store; kDataLoss, the directory is damaged;
/// kInvalidArgument, its hierarchy has a circle. Nothing is different after an error.
class Feed {
 public:
  /// Reads all of it. `file`: the entities of the tenant's file; their types are the file's alone.
  /// `store` outlives the feed. Times are in milliseconds since the epoch.
  static Result<std::unique_ptr<Feed>> load(const storage::Store& store, FeedOptions options,
                                            const cedar::EntityStore& file, std::int64_t now);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  const cedar::EntityStore& entities() const;
  /// The names of its people, which follow it; another one where all was read anew.
  std::shared_ptr<const SeenPeople> people() const;
  /// Of the directory: all changes up to this one are seen.
  std::uint64_t revision() const;
  /// When they were known to be the latest.
  std::int64_t as_of() const;

  /// Takes over what has changed since, in the directory and by the clock. Returns whether the
  /// entities are others. To be called when the database says that something changed, at
  /// `next_moment`, and now and then.
  Result<bool> follow(std::int64_t now);
  /// What changes by the clock alone, as far as that is known without the database.
  bool follow_clock(std::int64_t now);
  /// The clock changes something then.
  std::optional<std::int64_t> next_moment() const;

  /// Whether another file can take the place of the one it has: it has entities of the same types,
  /// and the schema is the same. Otherwise all is to be loaded anew.
  bool can_take(const cedar::EntityStore& file, const cedar::Schema& schema) const;
  /// What the entities would be with another file.
  Result<cedar::EntityStore> with_file(const cedar::EntityStore& file) const;
  /// Makes it so. `entities` are what `with_file` returned for that file, and nothing was followed
  /// since.
  void take_file(cedar::EntityStore file, cedar::EntityStore entities);

  /// Whether the entities have the grant; nothing: they have. Else why not.
  std::optional<std::string> why_not_granted(std::string_view grant) const;

  /// The action of that name. Error kInvalidArgument: the schema has no one such action.
  Result<SeenAction> action(std::string_view name) const;

  std::size_t shown_count() const;
  std::size_t hidden_count() const;
  /// Some of those that are hidden, the first by id.
  std::vector<HiddenThing> hidden() const;
  /// What whoever runs the server should know, a sentence each.
  std::vector<std::string> warnings() const;

  /// What sources tell of things, by the schema.
  std::vector<ToldAttribute> told_attributes() const;
  /// Of so many things something is told no more that was.
  std::size_t untold_count() const;
  /// Whether a source may tell that value of that attribute of the thing. Errors: kInvalidArgument,
  /// the schema has no such attribute of a source's, or it is no such value; kPermissionDenied, it
  /// is another source's; kFailedPrecondition, policies do not see the thing.
  Result<void> check_told(const Thing& thing, std::string_view source, std::string_view attribute,
                          const codec::Json& value) const;

  /// How policies see it, or why not. Reads it anew. Error: kNotFound, the tenant has no such
  /// thing.
  Result<SeenThing> explain(std::string_view id, std::int64_t now) const;

 private:
  class Entities;

  explicit Feed(std::unique_ptr<Entities> entities);

  std::unique_ptr<Entities> entities_;
};

}  // namespace wardlock::directory
