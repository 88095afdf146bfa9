#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "crypto/seeded_hash.h"
#include "pdp/partition.h"

namespace wardlock::pdp {

/// How the type names that callers use map to Cedar's types, and which of those may be a principal.
///
/// Each Cedar type has one name: where `user` stands for `Hospital::User`, callers cannot write
/// `Hospital::User` as well, so that no two names mean one entity. A type that is not renamed is
/// its own name.
///
/// The types of principals are a white list, since `in` is reflexive: were a group such as
/// `Role::"Physician"` let to ask, it would be `in` itself.
class TypeMapping {
 public:
  struct Renaming {
    std::string name;
    std::string cedar_type;
  };

  /// No renaming, and the principals that `complete` finds.
  TypeMapping() = default;
  /// `principals`: the white list of Cedar types, or nothing to let `complete` find it. Error: a
  /// name or a type occurs twice, or is none.
  static Result<TypeMapping> create(const std::vector<Renaming>& renamings,
                                    const std::optional<std::vector<std::string>>& principals);

  /// Where no white list was given: with a schema, the principal types of its actions; without one,
  /// in strict mode, every type but those that other entities have for a parent; in plain Cedar,
  /// any type. Error: the white list names a type that the schema does not have.
  Result<void> complete(const cedar::Schema* schema, const cedar::EntityStore& entities, Mode mode);

  /// What is known of a type that the schema declares.
  struct Declared {
    const cedar::EntityType* type = nullptr;
    bool may_be_principal = false;
  };
  /// By the callers' name. Null: what it names, if anything, is not declared, or there is no
  /// schema. Valid as long as the schema that `complete` was given.
  const Declared* find_declared(std::string_view name) const {
    const auto it = declared_.find(name);
    return it != declared_.end() ? &it->second : nullptr;
  }

  /// Error: the type has another name here.
  Result<std::string_view> cedar_type(std::string_view name) const;
  /// Whether names mean the same types in both, and the same ones may be principals.
  bool maps_like(const TypeMapping& other) const {
    return types_ == other.types_ && principals_ == other.principals_ && groups_ == other.groups_;
  }

  /// Error: the type may not be a principal.
  Result<void> check_principal(std::string_view cedar_type) const;

 private:
  using Types = std::set<std::string, std::less<>>;

  void note_declared(const cedar::Schema& schema);

  std::map<std::string, std::string, std::less<>> types_;  ///< by the callers' name
  std::map<std::string, std::string, std::less<>> names_;  ///< by the Cedar type
  std::optional<Types> principals_;
  Types groups_;  ///< no principals, where there is no white list
  std::unordered_map<std::string, Declared, crypto::SeededHash, std::equal_to<>> declared_;
};

}  // namespace wardlock::pdp
