#include "cedar/diff/schema_diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "cedar/ast/names.h"

namespace wardlock::cedar {
namespace {

using Parts = std::vector<WrittenPart>;

std::string written(std::string_view name) {
  return is_identifier(name) ? std::string(name) : quote(name);
}

/// Sorted and without repetitions: neither is a difference.
std::string list_text(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  const auto same = std::ranges::unique(texts);
  texts.erase(same.begin(), same.end());
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string list_text(std::span<const std::string_view> names) {
  return list_text(std::vector<std::string>(names.begin(), names.end()));
}

std::string list_text(std::span<const EntityUid* const> uids) {
  std::vector<std::string> texts;
  for (const EntityUid* uid : uids) texts.push_back(to_text(*uid));
  return list_text(std::move(texts));
}

void add_annotations(std::string_view of, std::span<const Annotation> annotations, Parts& parts) {
  for (const Annotation& annotation : annotations) {
    parts.push_back(
        {fmt::format("{}@{}", of, annotation.name), quote(annotation.value.value_or(""))});
  }
}

/// Tells a schema's declarations in their parts. Borrows the schema.
class Description {
 public:
  explicit Description(const Schema& schema) {
    for (const CommonType& common : schema.common_types()) {
      if (common.type->kind != Kind::kRecord) continue;
      // Two names of one record are told as the first of them.
      const auto [it, is_new] = names_.emplace(common.type, common.name);
      if (!is_new) it->second = std::min(it->second, common.name);
    }
  }

  static Parts parts_of(const Namespace& space) {
    Parts parts;
    add_annotations("", space.annotations, parts);
    return parts;
  }

  Parts parts_of(const CommonType& common) const {
    Parts parts;
    const auto name = names_.find(common.type);
    if (name != names_.end() && name->second == common.name) {
      parts.push_back({"type", "record"});
      add_attributes("attribute ", *common.type, parts);
    } else {
      parts.push_back({"type", type_text(*common.type)});
    }
    add_annotations("", common.annotations, parts);
    return parts;
  }

  Parts parts_of(const EntityType& entity) const {
    Parts parts;
    if (!entity.parents.empty()) parts.push_back({"in", list_text(entity.parents)});
    if (entity.is_enumerated()) {
      std::vector<std::string> ids;
      for (const std::string_view id : entity.enum_ids) ids.push_back(quote(id));
      parts.push_back({"enum", list_text(std::move(ids))});
    }
    if (entity.tags != nullptr) parts.push_back({"tags", type_text(*entity.tags)});
    add_attributes("attribute ", *entity.shape, parts);
    add_annotations("", entity.annotations, parts);
    return parts;
  }

  Parts parts_of(const ActionType& action) const {
    Parts parts;
    if (!action.parents.empty()) parts.push_back({"in", list_text(action.parents)});
    if (!action.principals.empty()) parts.push_back({"principal", list_text(action.principals)});
    if (!action.resources.empty()) parts.push_back({"resource", list_text(action.resources)});
    add_attributes("context ", *action.context, parts);
    add_annotations("", action.annotations, parts);
    return parts;
  }

 private:
  /// The record's attributes, and those of nameless records in it by their paths.
  void add_attributes(const std::string& of, const Type& record, Parts& parts) const {
    for (const Attribute& attribute : record.attributes) {
      const std::string path = of + written(attribute.name);
      const bool is_spread =
          attribute.type->kind == Kind::kRecord && !names_.contains(attribute.type);
      parts.push_back({path, fmt::format("{}{}", attribute.is_required ? "" : "optional ",
                                         is_spread ? "record" : type_text(*attribute.type))});
      add_annotations(path + " ", attribute.annotations, parts);
      if (is_spread) add_attributes(path + ".", *attribute.type, parts);
    }
  }

  /// As a schema's text has it. Recursion is bounded by SchemaLimits; what is shared has a name, so
  /// that no text is longer than the schema's.
  std::string type_text(const Type& type) const {
    if (const auto name = names_.find(&type); name != names_.end()) {
      return std::string(name->second);
    }
    switch (type.kind) {
      case Kind::kBool: return "Bool";
      case Kind::kLong: return "Long";
      case Kind::kString: return "String";
      case Kind::kDecimal: return "decimal";
      case Kind::kDatetime: return "datetime";
      case Kind::kDuration: return "duration";
      case Kind::kIp: return "ipaddr";
      case Kind::kEntity: return std::string(type.entity_type);
      case Kind::kSet:
        return fmt::format("Set<{}>", type.element == nullptr ? "" : type_text(*type.element));
      case Kind::kRecord: break;
    }
    std::string out = "{";
    for (const Attribute& attribute : type.attributes) {
      if (out.size() > 1) out += ", ";
      out += fmt::format("{}{}: {}", written(attribute.name), attribute.is_required ? "" : "?",
                         type_text(*attribute.type));
    }
    return out + "}";
  }

  std::map<const Type*, std::string_view> names_;  ///< of common types that are records
};

/// All that a schema declares, in the order in which changes are told.
using Declarations = std::map<std::pair<Declared, std::string>, Parts>;

Declarations declarations_of(const Schema* schema) {
  Declarations out;
  if (schema == nullptr) return out;
  const Description description(*schema);
  const auto add = [&out](Declared declared, std::string name, Parts parts) {
    std::ranges::sort(parts, {}, &WrittenPart::name);
    out.emplace(std::pair(declared, std::move(name)), std::move(parts));
  };
  for (const Namespace& space : schema->namespaces()) {
    if (space.name.empty()) continue;  // always there
    add(Declared::kNamespace, std::string(space.name), Description::parts_of(space));
  }
  for (const CommonType& common : schema->common_types()) {
    add(Declared::kCommonType, std::string(common.name), description.parts_of(common));
  }
  for (const EntityType& entity : schema->entity_types()) {
    add(Declared::kEntityType, std::string(entity.name), description.parts_of(entity));
  }
  for (const ActionType& action : schema->actions()) {
    add(Declared::kAction, to_text(*action.uid), description.parts_of(action));
  }
  return out;
}

void compare(const Declarations::key_type& key, const Parts* before, const Parts* after,
             SchemaDiff& diff) {
  static const Parts none;
  DeclarationChange change{.declared = key.first, .name = key.second};
  if (before == nullptr) change.kind = ChangeKind::kAdded;
  if (after == nullptr) change.kind = ChangeKind::kRemoved;
  diff_named(before == nullptr ? none : *before, after == nullptr ? none : *after, change.parts);
  if (change.kind == ChangeKind::kChanged && change.parts.empty()) return;
  diff.changes.push_back(std::move(change));
}

}  // namespace

std::string_view to_string(Declared declared) {
  switch (declared) {
    case Declared::kNamespace: return "namespace";
    case Declared::kCommonType: return "common type";
    case Declared::kEntityType: return "entity type";
    case Declared::kAction: break;
  }
  return "action";
}

SchemaDiff diff_schemas(const Schema* before, const Schema* after) {
  const Declarations was = declarations_of(before);
  const Declarations is = declarations_of(after);
  SchemaDiff diff;
  for (const auto& [key, parts] : was) {
    const auto it = is.find(key);
    compare(key, &parts, it == is.end() ? nullptr : &it->second, diff);
  }
  for (const auto& [key, parts] : is) {
    if (!was.contains(key)) compare(key, nullptr, &parts, diff);
  }
  std::ranges::stable_sort(diff.changes, {}, [](const DeclarationChange& change) {
    return std::pair(change.declared, std::string_view(change.name));
  });
  return diff;
}

codec::Json to_json(const SchemaDiff& diff) {
  boost::json::array changes;
  for (const DeclarationChange& change : diff.changes) {
    boost::json::array parts;
    for (const PartChange& part : change.parts) parts.push_back(to_json(part));
    changes.push_back(boost::json::object{{"kind", to_string(change.kind)},
                                          {"declared", to_string(change.declared)},
                                          {"name", change.name},
                                          {"parts", std::move(parts)}});
  }
  return boost::json::object{{"changes", std::move(changes)}};
}

std::string to_text(const SchemaDiff& diff) {
  std::string out;
  for (const DeclarationChange& change : diff.changes) {
    out += fmt::format("{} {} `{}`\n", sign_of(change.kind), to_string(change.declared),
                       printable(change.name));
    for (const PartChange& part : change.parts) out += to_text(part);
  }
  return out;
}

}  // namespace wardlock::cedar
