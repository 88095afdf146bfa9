#include "directory/model/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "directory/model/relation.h"
#include "directory/model/schema.h"
#include "directory/model/scim_schema.h"

namespace wardlock::directory {
namespace {

std::string names_of(Kinds kinds) {
  std::vector<std::string> names;
  for (const Schema* schema : all_schemas()) {
    if (kinds.contains(schema->kind)) names.push_back(fmt::format("`{}`", schema->name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string names_of(const Words& words) {
  return fmt::format("`{}`", fmt::join(words.all(), "`, `"));
}

std::string type_of(const Attribute& attribute) {
  switch (attribute.type) {
    case Type::kText:
      if (!attribute.choices.is_empty()) return names_of(attribute.choices);
      return fmt::format("text of at most {} bytes", most_of(attribute));
    case Type::kInteger:
      if (attribute.most == 0) return "integer";
      return fmt::format("integer up to {}", attribute.most);
    case Type::kBoolean: return "`true`, `false`";
    case Type::kTime: return "time";
    case Type::kReference: return fmt::format("id of {}", names_of(attribute.targets));
    case Type::kIdentifier: return std::string(describe(attribute.identifier));
    case Type::kComplex: break;
  }
  if (attribute.one_of.is_empty()) return "object";
  return fmt::format("object with one of {}", names_of(attribute.one_of));
}

std::string traits_of(const Attribute& attribute) {
  std::vector<std::string> traits;
  if (attribute.is_required) traits.emplace_back("required");
  if (attribute.is_unique) traits.emplace_back("unique");
  if (!attribute.unique_within.empty()) {
    traits.push_back(fmt::format("unique within `{}`", attribute.unique_within));
  }
  if (attribute.is_immutable) traits.emplace_back("immutable");
  if (attribute.is_searchable) traits.emplace_back("searchable");
  if (attribute.is_case_exact) traits.emplace_back("case counts");
  if (attribute.is_sensitive) traits.emplace_back("sensitive");
  if (attribute.is_read_only) traits.emplace_back("read-only");
  if (attribute.is_tree) traits.emplace_back("no circles");
  return fmt::format("{}", fmt::join(traits, ", "));
}

void add_attribute(std::string_view parent, const Attribute& attribute, std::string& out) {
  const std::string name =
      parent.empty() ? std::string(attribute.name) : fmt::format("{}.{}", parent, attribute.name);
  out += fmt::format("| `{}` | {}{} | {} | {} | {}. |\n", name, attribute.is_list ? "list: " : "",
                     type_of(attribute), traits_of(attribute),
                     attribute.cedar.empty() ? "" : fmt::format("`{}`", attribute.cedar),
                     attribute.about);
  for (const Attribute& part : attribute.parts) add_attribute(name, part, out);
}

void add_attributes(std::span<const Attribute> attributes, std::string& out) {
  out += "| attribute | value | | in policies | meaning |\n|---|---|---|---|---|\n";
  for (const Attribute& attribute : attributes) add_attribute("", attribute, out);
}

void add_states(const Schema& schema, std::string& out) {
  out += "| state | may be followed by | | meaning |\n|---|---|---|---|\n";
  for (const State& state : schema.states) {
    std::vector<std::string_view> traits;
    if (schema.first.contains(state.name)) traits.emplace_back("may be the first");
    if (state.is_in_force) traits.emplace_back("in force");
    if (state.ends_relations) traits.emplace_back("ends relations");
    if (state.is_seen) traits.emplace_back("seen by policies");
    out += fmt::format("| `{}` | {} | {} | {}. |\n", state.name,
                       state.next.is_empty() ? "" : names_of(state.next), fmt::join(traits, ", "),
                       state.about);
  }
}

void add_schema(const Schema& schema, std::string& out) {
  out += fmt::format(
      "## `{}`\n\n{}. In SCIM it is a `{}` under `{}` (`{}`); in policies its type "
      "is `{}`",
      schema.name, schema.about, schema.scim_type, schema.scim_endpoint, schema.scim_schema,
      schema.cedar_type);
  if (find_attribute(schema.attributes, "entityType") != nullptr) {
    out += ", unless `entityType` says otherwise";
  }
  out += fmt::format(", and its id there {}.\n\n",
                     schema.cedar_id.empty() ? "its `entityId`, or the same as here"
                                             : fmt::format("is its `{}`", schema.cedar_id));
  if (!schema.cedar_in_force.empty()) {
    out += fmt::format("Where it is `{}` there, it is in force.\n\n", schema.cedar_in_force);
  }
  if (schema.needs_owner) out += "It is in force only where a person answers for it (`owner`).\n\n";
  add_states(schema, out);
  out += '\n';
  add_attributes(schema.attributes, out);
  out += '\n';
}

/// Where policies see it.
std::string in_policies(const RelationSchema& relation) {
  std::vector<std::string> places;
  const auto add = [&](const Words& names, std::string_view whose) {
    if (!names.is_empty()) places.push_back(fmt::format("{} {}", whose, names_of(names)));
  };
  if (relation.leads_up) places.emplace_back("parent");
  add(relation.cedar_at_subject, "from:");
  add(relation.cedar_of_scope, "from, for the scope:");
  add(relation.cedar_at_object, "to:");
  return fmt::format("{}", fmt::join(places, "; "));
}

void add_relation(const RelationSchema& relation, std::string& out) {
  std::vector<std::string_view> traits;
  if (relation.is_exclusive) traits.emplace_back("one at a time");
  if (relation.is_acyclic) traits.emplace_back("no circles");
  std::string about(relation.about);
  for (const Attribute& attribute : relation.attributes) {
    about += fmt::format(". `{}` ({}{}): {}", attribute.name, type_of(attribute),
                         attribute.is_required ? ", required" : "", attribute.about);
  }
  out +=
      fmt::format("| `{}` | {} | {} | {} | {} | {} | {}. |\n", relation.name,
                  names_of(relation.subjects), names_of(relation.objects),
                  names_of(relation.scopes), fmt::join(traits, ", "), in_policies(relation), about);
}

}  // namespace

std::string directory_reference() {
  std::string out;
  for (const Schema* schema : all_schemas()) add_schema(*schema, out);
  out +=
      "## Relations\n\n| relation | from | to | scope | | in policies | meaning |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const RelationSchema& relation : all_relations()) add_relation(relation, out);
  return out;
}

}  // namespace wardlock::directory
