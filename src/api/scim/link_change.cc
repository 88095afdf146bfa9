#include "api/scim/link_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/scim/members.h"
#include "api/scim/resource.h"
#include "base/utf8.h"
#include "directory/identifier/natural_identifier.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using boost::json::object;
using codec::Json;
using directory::End;
using directory::KeptRelation;
using directory::Relation;
using directory::Thing;

std::unexpected<Refusal> bad_value(std::string detail) {
  return refused(400, to_string(ErrorType::kInvalidValue), std::move(detail));
}

/// The id that a filter such as `value eq "…"` asks for, where it asks for no more.
const boost::json::string* only_id(const Filter& filter) {
  const auto* comparison = std::get_if<Comparison>(&filter.node);
  if (comparison == nullptr || comparison->operation != FilterOperator::kEqual) return nullptr;
  const AttributePath& path = comparison->path;
  if (!is_same_name(path.attribute, "value") || !path.sub_attribute.empty()) return nullptr;
  return comparison->value.if_string();
}

const std::string& other_of(const LinkAttribute& attribute, const KeptRelation& relation) {
  return attribute.own_end == End::kSubject ? relation.object : relation.subject;
}

}  // namespace

Answered<void> LinkChanges::apply(const LinkChange& change) {
  if (change.kind == PatchKind::kRemove) return remove(change);
  if (change.filter != nullptr) {
    return refused(
        400, to_string(ErrorType::kInvalidPath),
        fmt::format("`{}` are added and removed, not changed in place", change.attribute->name));
  }
  if (change.value == nullptr) return {};
  if (change.kind == PatchKind::kReplace) return replace(*change.attribute, *change.value);
  for (const std::string& other : TRY(ids_in(*change.attribute, *change.value))) {
    TRY_VOID(add(*change.attribute, other));
  }
  return {};
}

Answered<void> LinkChanges::count(std::size_t changes) {
  changes_ += changes;
  if (changes_ <= kMaxLinkChanges) return {};
  return refused(
      413, {},
      fmt::format("a request changes at most {} links; send it in parts", kMaxLinkChanges));
}

/// Each once, in their order.
Answered<std::vector<std::string>> LinkChanges::ids_in(const LinkAttribute& attribute,
                                                       const Json& value) {
  std::vector<std::string> ids;
  std::set<std::string> known;
  const auto take = [&](const Json& each) -> Answered<void> {
    const auto text = id_in(each);
    if (!text) {
      return bad_value(
          fmt::format("`{}` are objects with the id as their `value`", attribute.name));
    }
    std::string id = TRY(role_named(attribute, *text));
    if (known.insert(id).second) ids.push_back(std::move(id));
    return {};
  };
  if (!value.is_array()) {
    if (!value.is_null()) TRY_VOID(take(value));
    return ids;
  }
  TRY_VOID(count(value.as_array().size()));
  for (const Json& each : value.as_array()) TRY_VOID(take(each));
  return ids;
}

/// Providers of identities know roles by their names, which are unique for ever.
Answered<std::string> LinkChanges::role_named(const LinkAttribute& attribute,
                                              std::string_view text) {
  if (attribute.relation != Relation::kRoleAssignment || is_id(text)) return std::string(text);
  TRY_VOID(sight_.check(directory::Kind::kRole));
  const auto name = normalised(directory::NaturalIdentifier::kName, text, year_of(errand_.now));
  if (name) {
    const auto role = edit_.find_named("role.displayName", *name);
    if (!role) return std::unexpected(Refusal(role.error()));
    if (*role) return (*role)->id;
  }
  return bad_value(fmt::format("`{}` is neither the id of a role nor its name", printable(text)));
}

Answered<std::vector<KeptRelation>> LinkChanges::present(const LinkAttribute& attribute,
                                                         std::string_view other) {
  directory::RelationFilter filter{.relation = attribute.relation};
  (attribute.own_end == End::kSubject ? filter.subject : filter.object) = thing_.id;
  (attribute.own_end == End::kSubject ? filter.object : filter.subject) = other;
  auto relations = TRY(edit_.relations(filter));
  std::erase_if(relations, [](const KeptRelation& one) { return one.scope.has_value(); });
  return relations;
}

/// Those to what may be read.
Answered<std::vector<KeptRelation>> LinkChanges::seen(const LinkAttribute& attribute) {
  std::vector<KeptRelation> relations = TRY(present(attribute));
  if (TRY(sight_.may_read(attribute.other_kinds()))) return relations;
  std::vector<KeptRelation> seen;
  for (KeptRelation& relation : relations) {
    const Thing other = TRY(edit_.find(other_of(attribute, relation)));
    if (TRY(sight_.may_read(other.kind))) seen.push_back(std::move(relation));
  }
  return seen;
}

/// Nothing: it cannot be linked to.
Answered<std::optional<Thing>> LinkChanges::find_other(const LinkAttribute& attribute,
                                                       std::string_view id) {
  if (!is_id(id)) return std::nullopt;
  auto found = edit_.find(id);
  if (!found && found.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!found) return std::unexpected(Refusal(found.error()));
  if (!attribute.other_kinds().contains(found->kind)) return std::nullopt;
  TRY_VOID(sight_.check(found->kind));
  return *std::move(found);
}

Answered<void> LinkChanges::add(const LinkAttribute& attribute, const std::string& other) {
  const auto found = TRY(find_other(attribute, other));
  if (!found) {
    return bad_value(fmt::format("`{}`: `{}` is the id of none that could be meant", attribute.name,
                                 printable(other)));
  }
  if (!TRY(present(attribute, other)).empty()) return {};
  const bool is_subject = attribute.own_end == End::kSubject;
  const Thing& subject = is_subject ? thing_ : *found;
  const Thing& object = is_subject ? *found : thing_;
  TRY_VOID(errand_.gate.check(Deed::kRelate, attribute.relation, subject, object));
  TRY_VOID(
      edit_.relate({.relation = attribute.relation, .subject = subject.id, .object = object.id}));
  return {};
}

Answered<void> LinkChanges::end(const LinkAttribute& attribute,
                                const std::vector<KeptRelation>& relations) {
  TRY_VOID(count(relations.size()));
  for (const KeptRelation& relation : relations) {
    const Thing other = TRY(edit_.find(other_of(attribute, relation)));
    const bool is_subject = attribute.own_end == End::kSubject;
    TRY_VOID(errand_.gate.check(Deed::kEndRelation, attribute.relation, is_subject ? thing_ : other,
                                is_subject ? other : thing_));
    TRY_VOID(edit_.end(relation.id));
  }
  return {};
}

Answered<void> LinkChanges::remove(const LinkChange& change) {
  const LinkAttribute& attribute = *change.attribute;
  if (change.filter != nullptr) {
    const auto* id = only_id(*change.filter);
    if (id == nullptr) return remove_matching(attribute, *change.filter);
    const std::string other = TRY(role_named(attribute, *id));
    TRY_VOID(find_other(attribute, other));
    return end(attribute, TRY(present(attribute, other)));
  }
  // Some providers of identities list what is to be removed, which RFC 7644 does not have.
  const bool lists_some = change.value != nullptr && !change.value->is_null();
  if (!lists_some) return end(attribute, TRY(seen(attribute)));
  for (const std::string& other : TRY(ids_in(attribute, *change.value))) {
    TRY_VOID(find_other(attribute, other));
    const auto relations = TRY(present(attribute, other));
    TRY_VOID(end(attribute, relations));
  }
  return {};
}

Answered<void> LinkChanges::remove_matching(const LinkAttribute& attribute, const Filter& filter) {
  std::vector<KeptRelation> chosen;
  for (KeptRelation& relation : TRY(seen(attribute))) {
    const Thing other = TRY(edit_.find(other_of(attribute, relation)));
    object shown = {{"value", other.id}, {"type", resource_type(other.kind).name()}};
    const Json* name = other.document.json().if_contains("displayName");
    if (name != nullptr) shown["display"] = *name;
    if (matches(filter, shown)) chosen.push_back(std::move(relation));
  }
  return end(attribute, chosen);
}

Answered<void> LinkChanges::replace(const LinkAttribute& attribute, const Json& value) {
  const std::vector<std::string> wanted = TRY(ids_in(attribute, value));
  const std::set<std::string_view> kept(wanted.begin(), wanted.end());
  std::vector<KeptRelation> gone = TRY(seen(attribute));
  std::erase_if(gone,
                [&](const KeptRelation& one) { return kept.contains(other_of(attribute, one)); });
  TRY_VOID(end(attribute, gone));
  for (const std::string& other : wanted) TRY_VOID(add(attribute, other));
  return {};
}

}  // namespace wardlock::scim
