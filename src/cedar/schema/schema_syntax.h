#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock::cedar {

// A schema as written: the tree that both syntaxes parse to, with names not yet resolved. It keeps
// what a translation to the other syntax needs and the resolved `Schema` drops. Spans are empty in
// what came as JSON.

/// A path such as `Hospital::Ward`, without blanks.
struct NameSyntax {
  std::string text;
  Span span;
};

struct AnnotationSyntax {
  std::string name;
  std::optional<std::string> value;  ///< absent for `@name` alone
};

struct AttributeSyntax;

struct TypeSyntax {
  enum class Form : std::uint8_t {
    kName,        ///< a common type, else an entity type, else a built-in one
    kCommonName,  ///< a common or built-in type
    kEntityName,
    kBuiltin,  ///< `Bool`, `Long`, `String` or an extension type, whatever else has that name
    kSet,
    kRecord,
  };
  Form form = Form::kRecord;
  std::string name;                         ///< of the first four
  std::vector<TypeSyntax> element;          ///< of kSet: exactly one
  std::vector<AttributeSyntax> attributes;  ///< of kRecord, as written
  Span span;
};

struct AttributeSyntax {
  std::string name;
  TypeSyntax type;
  bool is_required = true;
  std::vector<AnnotationSyntax> annotations;
  Span span;
};

struct EntitySyntax {
  std::vector<NameSyntax> names;  ///< one or more
  std::vector<NameSyntax> member_of;
  std::optional<TypeSyntax> shape;
  std::optional<TypeSyntax> tags;
  std::vector<std::string> enum_ids;  ///< not empty means enumerated
  std::vector<AnnotationSyntax> annotations;
};

struct ActionReferenceSyntax {
  std::string type;  ///< empty: `Action` of the namespace, or else of the empty one
  std::string id;
  Span span;
};

struct AppliesToSyntax {
  std::vector<NameSyntax> principals;
  std::vector<NameSyntax> resources;
  std::optional<TypeSyntax> context;
};

struct ActionSyntax {
  std::vector<NameSyntax> ids;  ///< one or more; any text
  std::vector<ActionReferenceSyntax> member_of;
  std::optional<AppliesToSyntax> applies_to;
  std::vector<AnnotationSyntax> annotations;
};

struct CommonTypeSyntax {
  NameSyntax name;
  TypeSyntax type;
  std::vector<AnnotationSyntax> annotations;
};

struct NamespaceSyntax {
  NameSyntax name;  ///< empty for what stands outside all namespaces
  std::vector<EntitySyntax> entities;
  std::vector<ActionSyntax> actions;
  std::vector<CommonTypeSyntax> common_types;
  std::vector<AnnotationSyntax> annotations;
};

struct SchemaSyntax {
  std::vector<NamespaceSyntax> namespaces;  ///< names distinct
};

/// Bounds on what a schema's author can make us do. The reference has none that are fixed.
struct SchemaLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 200;  ///< nesting of types, through common types too
  std::size_t max_diagnostics = 20;
};

}  // namespace wardlock::cedar
