#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/schema_syntax.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// `name` inside `space`; just the name where the namespace is the empty one.
std::string qualify(std::string_view space, std::string_view name);

/// What a name written as a type stands for.
struct FoundType {
  std::string full_name;
  bool is_common;
};

/// A common type and the namespace in which its definition's names are looked up.
struct CommonDeclaration {
  const CommonTypeSyntax* syntax;
  std::string_view space;
};

/// All names that a schema declares, and the rules by which a name written in some namespace finds
/// one of them: that namespace comes before the empty one, and there a common type comes before an
/// entity type (Cedar RFC 24). Borrows the syntax tree.
class DeclaredNames {
 public:
  /// Reports names that are reserved or declared twice.
  DeclaredNames(const SchemaSyntax& schema, Diagnostics& diagnostics);

  /// Reports names that hide one of the empty namespace (RFC 70). The schema is the same again.
  void check_shadowing(const SchemaSyntax& schema);

  /// The full name of the entity type (`Action` too where there are actions), or nothing.
  std::optional<std::string> find_entity(std::string_view space, std::string_view name) const;
  /// The full name of the common type, or nothing.
  std::optional<std::string> find_common(std::string_view space, std::string_view name) const;
  /// A common type or an entity type, or nothing.
  std::optional<FoundType> find_type(std::string_view space, std::string_view name) const;
  /// The full type of the action, or nothing. An empty `type` stands for `Action`.
  std::optional<std::string> find_action(std::string_view space, std::string_view type,
                                         std::string_view id) const;

  /// What `find_common` has found.
  const CommonDeclaration& common(std::string_view full_name) const;

 private:
  template <typename T>
  using ByText = std::unordered_map<std::string, T, crypto::SeededHash, std::equal_to<>>;
  using Names = std::unordered_set<std::string, crypto::SeededHash, std::equal_to<>>;

  void declare_entities(const NamespaceSyntax& space);
  void declare_common_types(const NamespaceSyntax& space);
  void declare_actions(const NamespaceSyntax& space);
  void check_shadowing(const NamespaceSyntax& space);
  bool is_entity(std::string_view full_name) const;
  bool is_common(std::string_view full_name) const { return commons_.contains(full_name); }
  bool has_action(std::string_view type, std::string_view id) const;
  void report(Span span, std::string message, std::string help = "");

  Diagnostics& diagnostics_;
  Names entities_;
  ByText<CommonDeclaration> commons_;
  ByText<Names> actions_;  ///< ids by full type
};

}  // namespace wardlock::cedar
