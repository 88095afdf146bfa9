#include "cedar/schema/resolve_types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"
#include "base/graph.h"
#include "cedar/ast/names.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {
namespace {

using Form = TypeSyntax::Form;

constexpr std::string_view kBuiltinSpace = "__cedar::";

/// The type that `name` has where nothing declared has that name; null if it has none.
const Type* find_builtin(std::string_view name) {
  struct Builtin {
    std::string_view name;
    Type type;
  };
  static constexpr std::array<Builtin, 7> kBuiltins = {{
      {"Bool", {Kind::kBool}},
      {"Long", {Kind::kLong}},
      {"String", {Kind::kString}},
      {"decimal", {Kind::kDecimal}},
      {"ipaddr", {Kind::kIp}},
      {"datetime", {Kind::kDatetime}},
      {"duration", {Kind::kDuration}},
  }};
  const auto it = std::ranges::find(kBuiltins, name, &Builtin::name);
  return it == kBuiltins.end() ? nullptr : &it->type;
}

constexpr Type kEmptyRecord = {Kind::kRecord};

/// The names that `name`, written in `space`, could have stood for.
std::string tried(std::string_view space, std::string_view name) {
  if (space.empty() || name.contains("::")) return fmt::format("`{}` is not", name);
  return fmt::format("neither `{}::{}` nor `{}` is", space, name, name);
}

}  // namespace

bool TypeResolver::resolve_common_types(const SchemaSyntax& schema) {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::uint32_t, crypto::SeededHash> numbers;
  for (const NamespaceSyntax& space : schema.namespaces) {
    for (const CommonTypeSyntax& common : space.common_types) {
      const std::string name = qualify(space.name.text, common.name.text);
      if (!names_.find_common("", name)) continue;  // refused already
      if (numbers.try_emplace(name, names.size()).second) names.push_back(name);
    }
  }
  Graph graph(names.size());
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const CommonDeclaration& declaration = names_.common(names[i]);
    std::vector<std::string> references;
    collect_references(declaration.syntax->type, declaration.space, references);
    for (const std::string& reference : references) graph[i].push_back(numbers.at(reference));
  }
  const auto order = order_after_targets(graph);
  if (!order) {
    std::vector<std::string> cycle;
    for (const std::uint32_t i : order.error()) cycle.push_back(names[i]);
    report(names_.common(cycle.front()).syntax->name.span,
           fmt::format("the common types refer to each other in a cycle: `{}`, then `{}` again",
                       fmt::join(cycle, "`, `"), cycle.front()));
    return false;
  }
  for (const std::uint32_t i : *order) {
    const CommonDeclaration& declaration = names_.common(names[i]);
    commons_.emplace(names[i], resolve_sized(declaration.syntax->type, declaration.space));
  }
  return true;
}

const Type* TypeResolver::common(std::string_view full_name) const {
  return commons_.at(std::string(full_name)).type;
}

const Type* TypeResolver::resolve(const TypeSyntax& syntax, std::string_view space) {
  return resolve_sized(syntax, space).type;
}

const Type* TypeResolver::resolve_record(const TypeSyntax& syntax, std::string_view space,
                                         std::string_view place) {
  const std::size_t errors = diagnostics_.size();
  const Type* type = resolve(syntax, space);
  if (type->kind == Kind::kRecord) return type;
  if (diagnostics_.size() == errors) {
    report(syntax.span, fmt::format("{} is a {}; it must be a record", place, to_string(*type)));
  }
  return &kEmptyRecord;
}

TypeResolver::Sized TypeResolver::resolve_sized(const TypeSyntax& syntax, std::string_view space) {
  switch (syntax.form) {
    case Form::kName:
    case Form::kCommonName:
    case Form::kEntityName:
    case Form::kBuiltin: return resolve_name(syntax, space);
    case Form::kSet: {
      const Sized element = resolve_sized(syntax.element.front(), space);
      const Type* type = arena_.make<Type>(Type{.kind = Kind::kSet, .element = element.type});
      return limit({type, element.depth + 1}, syntax.span);
    }
    case Form::kRecord: return resolve_record_type(syntax, space);
  }
  return {&kEmptyRecord, 0};
}

TypeResolver::Sized TypeResolver::resolve_name(const TypeSyntax& syntax, std::string_view space) {
  std::optional<FoundType> found;
  if (syntax.form == Form::kName) {
    found = names_.find_type(space, syntax.name);
  } else if (const auto common = find_common(syntax, space)) {
    found = FoundType{*common, true};
  } else if (syntax.form == Form::kEntityName) {
    if (const auto entity = names_.find_entity(space, syntax.name)) {
      found = FoundType{*entity, false};
    }
  }
  if (!found) {
    const bool is_explicit = syntax.name.starts_with(kBuiltinSpace);
    const std::string_view name =
        std::string_view(syntax.name).substr(is_explicit ? kBuiltinSpace.size() : 0);
    const Type* builtin = syntax.form == Form::kEntityName ? nullptr : find_builtin(name);
    return builtin == nullptr ? undeclared(syntax, space) : Sized{builtin, 1};
  }
  if (found->is_common) {
    const auto it = commons_.find(found->full_name);
    CHECK(it != commons_.end());
    return it->second;
  }
  const std::string_view name = intern(found->full_name);
  const Type*& type = entity_references_[name];
  if (type == nullptr) {
    type = arena_.make<Type>(Type{.kind = Kind::kEntity, .entity_type = name});
  }
  return {type, 1};
}

TypeResolver::Sized TypeResolver::resolve_record_type(const TypeSyntax& syntax,
                                                      std::string_view space) {
  // Of two attributes with one name the later counts, as in the reference.
  std::map<std::string_view, const AttributeSyntax*> by_name;
  for (const AttributeSyntax& attribute : syntax.attributes) by_name[attribute.name] = &attribute;
  std::vector<Attribute> attributes;
  std::size_t depth = 0;
  for (const auto& [name, attribute] : by_name) {
    const Sized type = resolve_sized(attribute->type, space);
    depth = std::max(depth, type.depth);
    attributes.push_back({intern(name), type.type, attribute->is_required,
                          copy(attribute->annotations), attribute->span});
  }
  const Type* type =
      arena_.make<Type>(Type{.kind = Kind::kRecord, .attributes = arena_.copy(attributes)});
  return limit({type, depth + 1}, syntax.span);
}

TypeResolver::Sized TypeResolver::limit(Sized sized, Span span) {
  if (sized.depth <= max_depth_) return sized;
  report(span, fmt::format("this type is nested more than {} deep", max_depth_));
  return {&kEmptyRecord, 1};
}

TypeResolver::Sized TypeResolver::undeclared(const TypeSyntax& syntax, std::string_view space) {
  const std::string_view wanted = syntax.form == Form::kEntityName   ? "an entity type"
                                  : syntax.form == Form::kCommonName ? "a common type"
                                                                     : "a common or entity type";
  report(syntax.span, fmt::format("{} declared as {}", tried(space, syntax.name), wanted));
  return {&kEmptyRecord, 1};
}

std::vector<std::string_view> TypeResolver::resolve_entity_names(
    const std::vector<NameSyntax>& names, std::string_view space) {
  std::vector<std::string_view> resolved;
  std::unordered_set<std::string_view, crypto::SeededHash> seen;
  for (const NameSyntax& name : names) {
    const auto found = names_.find_entity(space, name.text);
    if (!found || is_action_type(*found)) {
      report(name.span, fmt::format("{} declared as an entity type", tried(space, name.text)));
      continue;
    }
    const std::string_view full_name = intern(*found);
    if (seen.insert(full_name).second) resolved.push_back(full_name);
  }
  return resolved;
}

std::optional<std::string> TypeResolver::find_common(const TypeSyntax& syntax,
                                                     std::string_view space) const {
  if (syntax.form == Form::kName) {
    const auto found = names_.find_type(space, syntax.name);
    return found && found->is_common ? std::optional(found->full_name) : std::nullopt;
  }
  if (syntax.form == Form::kCommonName) return names_.find_common(space, syntax.name);
  return std::nullopt;
}

void TypeResolver::collect_references(const TypeSyntax& syntax, std::string_view space,
                                      std::vector<std::string>& references) const {
  if (auto common = find_common(syntax, space)) references.push_back(std::move(*common));
  for (const TypeSyntax& element : syntax.element) collect_references(element, space, references);
  for (const AttributeSyntax& attribute : syntax.attributes) {
    collect_references(attribute.type, space, references);
  }
}

std::string_view TypeResolver::intern(std::string_view text) {
  const auto it = texts_.find(text);
  return it != texts_.end() ? *it : *texts_.insert(arena_.copy(text)).first;
}

std::span<const Annotation> TypeResolver::copy(const std::vector<AnnotationSyntax>& annotations) {
  std::vector<Annotation> copies;
  for (const AnnotationSyntax& annotation : annotations) {
    Annotation& copy = copies.emplace_back(Annotation{intern(annotation.name), std::nullopt});
    if (annotation.value) copy.value = arena_.copy(std::string_view(*annotation.value));
  }
  return arena_.copy(copies);
}

void TypeResolver::report(Span span, std::string message, std::string help) {
  diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
}

}  // namespace wardlock::cedar
