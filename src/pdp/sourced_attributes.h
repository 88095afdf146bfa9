#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "cedar/schema/schema.h"
#include "crypto/seeded_hash.h"

namespace wardlock::pdp {

/// What holds of an attribute when nobody has told its value for longer than it is fresh.
enum class Silence : std::uint8_t {
  kDeny,       ///< nothing is known of it: the attribute is absent
  kLastKnown,  ///< the last value counts for a while, and is said to be stale
  kEmergency,  ///< the same for overrides alone; for all else it is absent
};

/// `deny`, `last-known` or `emergency`.
std::string_view to_string(Silence silence);

/// An attribute whose value neither the directory nor the application has, but a source tells.
/// Borrows from the schema.
struct SourcedAttribute {
  std::string_view type;               ///< of entities
  std::string_view name;               ///< of the attribute
  std::string_view source;             ///< who tells it
  const cedar::Type* value = nullptr;  ///< what it is declared to be
  std::int64_t fresh_ms = 0;           ///< so old it may be and counts as if it were told just now
  Silence silence = Silence::kDeny;    ///< what holds when it is older
  std::int64_t last_known_ms = 0;      ///< so old it may be at most; where it is kDeny: `fresh_ms`
};

/// The attributes of a schema that sources tell:
///
///     @source("rota")
///     @fresh("15m")
///     @stale("last-known 2h")
///     onCall?: Bool,
///
/// `@source` names who tells it, `@fresh` how old a value may be, `@stale` what holds when it is
/// older: `deny`, `last-known` with the age at which it is forgotten, or `emergency` likewise.
/// Durations are written as Cedar writes them. Such an attribute is optional, since it may be
/// unknown at any time, and one of an entity type, not of a record in it.
/// `@source("request")` is the application's (pdp/entity_merge.h) and none of these.
///
/// Immutable; borrows from the schema; may be read by any thread.
class SourcedAttributes {
 public:
  /// Without a schema there are none.
  SourcedAttributes() = default;
  /// Error (kInvalidArgument): the first that is declared otherwise than that.
  static Result<SourcedAttributes> read(const cedar::Schema& schema);

  bool empty() const { return all_.empty(); }
  /// In the order of the schema; those of a type are neighbours.
  std::span<const SourcedAttribute> all() const { return all_; }
  std::span<const SourcedAttribute> of(std::string_view type) const;
  /// Null: no source tells it.
  const SourcedAttribute* find(std::string_view type, std::string_view name) const;
  /// Whether any type has an attribute of that name which a source tells.
  bool has_name(std::string_view name) const;
  /// Whether there is one that overrides alone see when it is stale.
  bool has_emergency() const { return has_emergency_; }

 private:
  struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  std::vector<SourcedAttribute> all_;
  std::unordered_map<std::string_view, Range, crypto::SeededHash> of_type_;
  bool has_emergency_ = false;
};

}  // namespace wardlock::pdp
