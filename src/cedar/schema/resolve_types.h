#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "cedar/schema/declared_names.h"
#include "cedar/schema/schema.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// Turns types as written into `Type`s in an arena. An error is reported and yields a stand-in, so
/// that the rest is checked too. Borrows everything it is given.
class TypeResolver {
 public:
  TypeResolver(const DeclaredNames& names, Arena& arena, std::size_t max_depth,
               Diagnostics& diagnostics)
      : names_(names), arena_(arena), max_depth_(max_depth), diagnostics_(diagnostics) {}

  /// Resolves the common types of all namespaces; must come first. False if they form a cycle.
  bool resolve_common_types(const SchemaSyntax& schema);

  /// The type of a common type, by its full name.
  const Type* common(std::string_view full_name) const;

  const Type* resolve(const TypeSyntax& syntax, std::string_view space);

  /// As `resolve`, but the type must be a record. `place` begins the message if it is none.
  const Type* resolve_record(const TypeSyntax& syntax, std::string_view space,
                             std::string_view place);

  std::vector<std::string_view> resolve_entity_names(const std::vector<NameSyntax>& names,
                                                     std::string_view space);

  /// A copy that lives in the arena; one for each text.
  std::string_view intern(std::string_view text);
  std::span<const Annotation> copy(const std::vector<AnnotationSyntax>& annotations);

 private:
  struct Sized {
    const Type* type;
    std::size_t depth;
  };
  Sized resolve_sized(const TypeSyntax& syntax, std::string_view space);
  Sized resolve_name(const TypeSyntax& syntax, std::string_view space);
  Sized resolve_record_type(const TypeSyntax& syntax, std::string_view space);
  Sized limit(Sized sized, Span span);
  Sized undeclared(const TypeSyntax& syntax, std::string_view space);
  std::optional<std::string> find_common(const TypeSyntax& syntax, std::string_view space) const;
  void collect_references(const TypeSyntax& syntax, std::string_view space,
                          std::vector<std::string>& references) const;
  void report(Span span, std::string message, std::string help = "");

  const DeclaredNames& names_;
  Arena& arena_;
  std::size_t max_depth_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string, Sized, crypto::SeededHash> commons_;  ///< by full name
  std::unordered_map<std::string_view, const Type*, crypto::SeededHash> entity_references_;
  std::unordered_set<std::string_view, crypto::SeededHash> texts_;
};

}  // namespace wardlock::cedar
