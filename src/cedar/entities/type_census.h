#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cedar/entities/entity.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// What is known of each type in a store without looking at its entities: how often it is the type
/// of a parent, and all entities of a type that has few. Immutable; may be read by any thread.
/// Borrows what the store's lineage owns.
class TypeCensus {
 public:
  class Changes;

  static constexpr std::size_t kFewEntities = 1024;
  static constexpr std::size_t kMostTypes = 1024;

  /// The uids of all entities of the type, in no order that may show. Nothing: there are, or were,
  /// many, or too many types.
  std::optional<std::span<const EntityUid* const>> few(std::string_view type) const;
  /// Nothing: there are too many types.
  std::optional<std::vector<std::string_view>> parent_types() const;

  /// The census after the changes; this one if they change nothing of it.
  static std::shared_ptr<const TypeCensus> after(std::shared_ptr<const TypeCensus> before,
                                                 const Changes& changes);

 private:
  using Uids = std::vector<const EntityUid*>;
  struct OfType {
    std::size_t children = 0;  ///< how often entities have a parent of the type
    std::shared_ptr<const Uids> few = std::make_shared<const Uids>();  ///< null: they are many
  };

  std::map<std::string_view, OfType> types_;
  bool has_too_many_ = false;
};

/// What changes among entities, type by type.
class TypeCensus::Changes {
 public:
  /// An entity as it was and as it is; null where it was not there, or is not any more.
  void add(const Entity* before, const Entity* after);

 private:
  friend class TypeCensus;

  struct OfType {
    std::ptrdiff_t children = 0;
    Uids come, gone;
  };
  void count_children(const Entity& entity, std::ptrdiff_t how_many);

  std::unordered_map<std::string_view, OfType, crypto::SeededHash> types_;
};

}  // namespace wardlock::cedar
