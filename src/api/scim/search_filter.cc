#include "api/scim/search_filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "administration/sight.h"
#include "api/scim/resource.h"
#include "base/utf8.h"
#include "directory/identifier/natural_identifier.h"
#include "directory/model/indexed_values.h"

namespace wardlock::scim {
namespace {

using Asked = directory::Filter;
using Connective = directory::Filter::Connective;
using directory::Attribute;
using directory::Type;

constexpr std::string_view kState = "state";

Asked all(std::vector<Asked::Part> parts) {
  return {.connective = Connective::kAll, .parts = std::move(parts)};
}
Asked none(Asked part) { return {.connective = Connective::kNone, .parts = {std::move(part)}}; }
Asked constant(bool is_true) {
  return {.connective = is_true ? Connective::kAll : Connective::kAny, .parts = {}};
}
Asked condition(directory::Condition one) { return all({std::move(one)}); }

std::unexpected<Refusal> bad_filter(std::string detail) {
  return refused(400, to_string(ErrorType::kInvalidFilter), std::move(detail));
}

directory::Comparison comparison_of(FilterOperator operation) {
  using enum FilterOperator;
  switch (operation) {
    case kEqual: return directory::Comparison::kEqual;
    case kNotEqual: return directory::Comparison::kNotEqual;
    case kContains: return directory::Comparison::kContains;
    case kStartsWith: return directory::Comparison::kStartsWith;
    case kEndsWith: return directory::Comparison::kEndsWith;
    case kGreater: return directory::Comparison::kGreater;
    case kGreaterOrEqual: return directory::Comparison::kGreaterOrEqual;
    case kLess: return directory::Comparison::kLess;
    case kLessOrEqual: return directory::Comparison::kLessOrEqual;
    case kPresent: break;
  }
  return directory::Comparison::kPresent;
}

Answered<directory::Operand> operand_of(const codec::Json& value, std::string_view path) {
  if (value.is_string()) return directory::Operand(std::string(value.as_string()));
  if (value.is_bool()) return directory::Operand(value.as_bool());
  if (value.is_int64()) return directory::Operand(value.as_int64());
  return bad_filter(
      fmt::format("`{}` is compared with a text, an integer, `true` or `false`", path));
}

class Translator {
 public:
  Translator(const administration::Errand& errand, const ResourceType& type, bool is_of_several)
      : errand_(errand), sight_(errand), type_(type), is_of_several_(is_of_several) {}

  Answered<Asked> translate(const Filter& filter) {
    return std::visit([this](const auto& node) { return of(node); }, filter.node);
  }

 private:
  Answered<Asked> of(const Conjunction& node) { return joined(Connective::kAll, node.parts); }
  Answered<Asked> of(const Disjunction& node) { return joined(Connective::kAny, node.parts); }
  Answered<Asked> of(const Negation& node) { return none(TRY(translate(*node.part))); }

  Answered<Asked> joined(Connective connective, const std::vector<Filter>& parts) {
    Asked asked{.connective = connective, .path = {}, .parts = {}};
    for (const Filter& part : parts) {
      Asked one = TRY(translate(part));
      asked.parts.emplace_back(std::move(one));
    }
    return asked;
  }

  Answered<Asked> of(const Comparison& node);
  Answered<Asked> of(const ValueFilter& node);
  Answered<Asked> about_links(const Named& named, const Comparison& node);
  Answered<Asked> about_activity(const Comparison& node);
  Answered<Asked> about_constant(const Comparison& node, bool is_equal);
  Answered<Asked> item(const Attribute& list, const Filter& filter);
  Answered<Asked> unknown(const AttributePath& path, FilterOperator operation);

  const administration::Errand& errand_;
  administration::Sight sight_;
  const ResourceType& type_;
  bool is_of_several_;
};

Answered<Asked> Translator::unknown(const AttributePath& path, FilterOperator operation) {
  if (is_of_several_) return constant(operation == FilterOperator::kNotEqual);
  return bad_filter(no_such_attribute(type_, path));
}

/// An attribute whose value is one text for all resources of the type.
Answered<Asked> Translator::about_constant(const Comparison& node, bool is_equal) {
  if (node.operation == FilterOperator::kPresent) return constant(true);
  if (node.operation == FilterOperator::kEqual) return constant(is_equal);
  if (node.operation == FilterOperator::kNotEqual) return constant(!is_equal);
  return bad_filter(fmt::format("`{}` is compared by `eq`, `ne` and `pr`", to_string(node.path)));
}

Answered<Asked> Translator::of(const Comparison& node) {
  const auto named = find_named(type_, node.path);
  if (!named) return unknown(node.path, node.operation);
  const auto* text = node.value.if_string();
  switch (named->what) {
    case Named::What::kLinks: return about_links(*named, node);
    case Named::What::kActive: return about_activity(node);
    case Named::What::kSchemas:
      return about_constant(node, text != nullptr && is_same_name(*text, type_.core));
    case Named::What::kMeta:
      if (named->sub != "resourceType") break;
      return about_constant(node, text != nullptr && is_same_name(*text, type_.name()));
    default: break;
  }
  const auto path = searched_path(type_, node.path);
  if (!path) {
    return bad_filter(
        fmt::format("{} cannot be searched by `{}`", type_.schema->plural, to_string(node.path)));
  }
  const bool is_about_nothing = node.value.is_null() && node.operation != FilterOperator::kPresent;
  if (is_about_nothing || node.operation == FilterOperator::kPresent) {
    Asked has = condition({*path, directory::Comparison::kPresent});
    if (!is_about_nothing || node.operation == FilterOperator::kNotEqual) return has;
    if (node.operation == FilterOperator::kEqual) return none(std::move(has));
    return bad_filter(fmt::format("`{}`: nothing is greater or less than null", *path));
  }
  directory::Operand operand = TRY(operand_of(node.value, *path));
  return condition({*path, comparison_of(node.operation), std::move(operand)});
}

/// People are active in one state of their lives.
Answered<Asked> Translator::about_activity(const Comparison& node) {
  if (node.operation == FilterOperator::kPresent) return constant(true);
  const bool is_equality =
      node.operation == FilterOperator::kEqual || node.operation == FilterOperator::kNotEqual;
  if (!is_equality || !node.value.is_bool()) {
    return bad_filter("`active` is compared with `true` or `false`, by `eq` or `ne`");
  }
  Asked in_force{.connective = Connective::kAny, .path = {}, .parts = {}};
  for (const directory::State& state : type_.schema->states) {
    if (!state.is_in_force) continue;
    in_force.parts.emplace_back(directory::Condition{
        std::string(kState), directory::Comparison::kEqual, std::string(state.name)});
  }
  const bool is_wanted = node.value.as_bool() == (node.operation == FilterOperator::kEqual);
  return is_wanted ? in_force : none(std::move(in_force));
}

Answered<Asked> Translator::about_links(const Named& named, const Comparison& node) {
  const bool is_by_id = (named.sub.empty() || named.sub == "value") && node.value.is_string();
  const bool is_equality =
      node.operation == FilterOperator::kEqual || node.operation == FilterOperator::kNotEqual;
  if (!is_by_id || !is_equality) {
    return bad_filter(
        fmt::format("`{}` are searched by `value`, with `eq` or `ne`", named.links->name));
  }
  std::string id(node.value.as_string());
  if (named.links->relation == directory::Relation::kRoleAssignment && !is_id(id)) {
    TRY_VOID(sight_.check(directory::Kind::kRole));
    const auto name = normalised(directory::NaturalIdentifier::kName, id, year_of(errand_.now));
    const auto role = name ? errand_.registry.find_by_identifier(errand_.mandate.tenant,
                                                                 "role.displayName", *name)
                           : fail(ErrorCode::kNotFound, "");
    if (role) id = role->id;
  }
  if (!is_id(id)) return constant(node.operation == FilterOperator::kNotEqual);
  TRY_VOID(sight_.check(id, named.links->other_kinds()));
  Asked asked =
      all({directory::Related{.relation = named.links->relation,
                              .is_subject = named.links->own_end == directory::End::kSubject,
                              .other = std::move(id)}});
  return node.operation == FilterOperator::kEqual ? asked : none(std::move(asked));
}

Answered<Asked> Translator::of(const ValueFilter& node) {
  const auto named = find_named(type_, node.path);
  if (!named) return unknown(node.path, FilterOperator::kEqual);
  if (named->what == Named::What::kAttribute && !named->attribute->parts.empty()) {
    Asked inner = TRY(item(*named->attribute, *node.part));
    return Asked{.connective = Connective::kItem,
                 .path = std::string(named->attribute->name),
                 .parts = {std::move(inner)}};
  }
  // What has a `value` and is searched by it alone.
  const auto* inner = std::get_if<Comparison>(&node.part->node);
  const bool is_by_value = inner != nullptr && is_same_name(inner->path.attribute, "value") &&
                           inner->path.sub_attribute.empty();
  if (!is_by_value) {
    return bad_filter(fmt::format("`{}` is searched by its `value`", to_string(node.path)));
  }
  return of(Comparison{.path = node.path, .operation = inner->operation, .value = inner->value});
}

/// Conditions on the members of one item.
Answered<Asked> Translator::item(const Attribute& list, const Filter& filter) {
  if (const auto* both = std::get_if<Conjunction>(&filter.node)) {
    Asked asked = all({});
    for (const Filter& part : both->parts) asked.parts.emplace_back(TRY(item(list, part)));
    return asked;
  }
  if (const auto* either = std::get_if<Disjunction>(&filter.node)) {
    Asked asked = constant(false);
    for (const Filter& part : either->parts) asked.parts.emplace_back(TRY(item(list, part)));
    return asked;
  }
  if (const auto* negation = std::get_if<Negation>(&filter.node)) {
    return none(TRY(item(list, *negation->part)));
  }
  const auto* one = std::get_if<Comparison>(&filter.node);
  if (one == nullptr) return bad_filter("a value filter has no other one within it");
  const auto part = std::ranges::find_if(list.parts, [&](const Attribute& each) {
    return is_same_name(each.name, one->path.attribute);
  });
  if (part == list.parts.end() || !part->is_searchable || !one->path.sub_attribute.empty()) {
    return bad_filter(
        fmt::format("`{}` cannot be searched by `{}`", list.name, to_string(one->path)));
  }
  if (one->operation == FilterOperator::kPresent) {
    return condition({std::string(part->name), directory::Comparison::kPresent});
  }
  directory::Operand operand = TRY(operand_of(one->value, part->name));
  return condition({std::string(part->name), comparison_of(one->operation), std::move(operand)});
}

}  // namespace

Answered<Asked> to_search_filter(const administration::Errand& errand, const ResourceType& type,
                                 const Filter& filter, bool is_of_several) {
  return Translator(errand, type, is_of_several).translate(filter);
}

std::optional<std::string> searched_path(const ResourceType& type, const AttributePath& path) {
  const auto named = find_named(type, path);
  if (!named) return std::nullopt;
  switch (named->what) {
    case Named::What::kId: return "id";
    case Named::What::kState: return std::string(kState);
    case Named::What::kMeta:
      if (named->sub == "created") return "createdAt";
      if (named->sub == "lastModified") return "changedAt";
      return std::nullopt;
    case Named::What::kAttribute: break;
    default: return std::nullopt;
  }
  const Attribute& attribute = *named->attribute;
  if (named->sub == "$ref" || named->sub == "displayName") return std::nullopt;
  std::string found(attribute.name);
  if (named->part != nullptr) found += fmt::format(".{}", named->part->name);
  if (attribute.type == Type::kComplex && named->part == nullptr) {
    // Its `value` is meant (RFC 7644, 3.4.2.2), or whether it has any.
    const bool has_value = directory::find_attribute(attribute.parts, "value") != nullptr;
    if (has_value) found += ".value";
    return found;
  }
  if (directory::find_searchable(type.kind, found) == nullptr) return std::nullopt;
  return found;
}

}  // namespace wardlock::scim
