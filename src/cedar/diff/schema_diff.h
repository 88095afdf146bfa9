#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/diff/change.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

namespace wardlock::cedar {

enum class Declared : std::uint8_t { kNamespace, kCommonType, kEntityType, kAction };

/// `namespace`, `common type`, `entity type`, `action`.
std::string_view to_string(Declared declared);

/// A declaration that is not in both schemas as it is.
struct DeclarationChange {
  ChangeKind kind = ChangeKind::kChanged;  ///< never kRenamed
  Declared declared = Declared::kEntityType;
  std::string name = {};
  /// Attributes by their paths, groups, tags, what an action applies to, annotations. Of what was
  /// added or removed: all that it has.
  std::vector<PartChange> parts = {};

  bool operator==(const DeclarationChange&) const = default;
};

/// What two schemas differ in. A common type that is a record is told once, where it is declared;
/// where it is used it is known by its name.
struct SchemaDiff {
  std::vector<DeclarationChange> changes;  ///< by what is declared, then by name

  bool is_empty() const { return changes.empty(); }
};

/// Null stands for no schema at all. Neither layout nor order are differences. Pure; thread-safe.
SchemaDiff diff_schemas(const Schema* before, const Schema* after);

/// `{"changes": [{"kind", "declared", "name", "parts"}]}`.
codec::Json to_json(const SchemaDiff& diff);

/// For people; empty where nothing differs.
std::string to_text(const SchemaDiff& diff);

}  // namespace wardlock::cedar
