#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "cedar/ast/policy.h"
#include "cedar/schema/schema_syntax.h"
#include "cedar/value/value.h"
#include "codec/json.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

struct Attribute;

/// The type of a value: its kind, and what the kind needs to be complete.
struct Type {
  Kind kind;
  std::string_view entity_type = {};           ///< of kEntity: its full name
  const Type* element = nullptr;               ///< of kSet; null: its members are of no one type
  std::span<const Attribute> attributes = {};  ///< of kRecord, sorted by name

  /// The record's attribute, or null.
  const Attribute* find_attribute(std::string_view name) const;
};

// The spans are those of the names where they are declared, in the text that was parsed; empty in
// what came as JSON.

struct Attribute {
  std::string_view name;
  const Type* type;
  bool is_required;
  std::span<const Annotation> annotations;
  Span span = {};
};

/// The annotation's value ("" for `@name` alone), or nothing.
std::optional<std::string_view> find_annotation(std::span<const Annotation> annotations,
                                                std::string_view name);

/// How messages name a type, e.g. `set of long`. Records are not spelled out.
std::string to_string(const Type& type);

struct EntityType {
  std::string_view name;
  const Type* shape;                            ///< a record
  const Type* tags = nullptr;                   ///< null where the type has no tags
  std::span<const std::string_view> parents;    ///< `memberOf`, as declared
  std::span<const std::string_view> ancestors;  ///< the transitive closure of `parents`, sorted
  std::span<const std::string_view> enum_ids;   ///< sorted; empty unless the type is enumerated
  std::span<const Annotation> annotations;
  Span span = {};

  bool is_enumerated() const { return !enum_ids.empty(); }
  bool may_have_id(std::string_view id) const;
  /// Whether an entity of this type may be in one of type `other`, directly or further up.
  bool may_be_in(std::string_view other) const;
};

struct ActionType {
  const EntityUid* uid;
  std::span<const EntityUid* const> parents;    ///< `memberOf`, as declared
  std::span<const EntityUid* const> ancestors;  ///< the transitive closure of `parents`
  std::span<const std::string_view> principals;
  std::span<const std::string_view> resources;
  const Type* context;  ///< a record
  std::span<const Annotation> annotations;
  Span span = {};

  bool applies_to_principal(std::string_view type) const;
  bool applies_to_resource(std::string_view type) const;
};

struct CommonType {
  std::string_view name;  ///< full
  const Type* type;
  std::span<const Annotation> annotations;
  Span span = {};
};

struct Namespace {
  std::string_view name;
  std::span<const Annotation> annotations;
};

/// A schema with every name resolved. Owns everything it hands out. Immutable; may be read by any
/// thread. Made by `resolve_schema` alone, so that it is known to be consistent.
class Schema {
 public:
  Schema(Schema&&) = default;
  Schema& operator=(Schema&&) = default;

  /// Null where there is none.
  const EntityType* find_entity_type(std::string_view name) const;
  const ActionType* find_action(const EntityUid& uid) const;

  /// Each in the order written.
  std::span<const EntityType> entity_types() const { return entity_types_; }
  std::span<const ActionType> actions() const { return actions_; }
  std::span<const CommonType> common_types() const { return common_types_; }
  std::span<const Namespace> namespaces() const { return namespaces_; }

 private:
  friend class SchemaResolver;
  Schema() = default;

  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<EntityType> entity_types_;
  std::vector<ActionType> actions_;
  std::vector<CommonType> common_types_;
  std::vector<Namespace> namespaces_;
  std::unordered_map<std::string_view, std::size_t, crypto::SeededHash> entity_type_index_;
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> action_index_;
};

/// Parses the `.cedarschema` syntax, without resolving names.
Parsed<SchemaSyntax> parse_schema_syntax(std::string_view text, const SchemaLimits& limits = {});

/// Reads the JSON syntax, without resolving names. The error names the place.
Result<SchemaSyntax> schema_syntax_from_json(const codec::Json& json,
                                             const SchemaLimits& limits = {});

/// Adds the declarations of `other`, namespace by namespace. Resolving finds what is declared
/// twice.
void unite(SchemaSyntax& syntax, SchemaSyntax&& other);

/// Resolves all names. Errors: an undeclared name, a cycle of common types or of action groups, a
/// duplicate or shadowed declaration, a shape or context that is not a record.
Parsed<Schema> resolve_schema(const SchemaSyntax& syntax, const SchemaLimits& limits = {});

/// The two steps in one.
Parsed<Schema> parse_schema(std::string_view text, const SchemaLimits& limits = {});
Result<Schema> schema_from_json(const codec::Json& json, const SchemaLimits& limits = {});

}  // namespace wardlock::cedar
