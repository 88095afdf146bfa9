#include "api/scim/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/scim/link_change.h"
#include "api/scim/members.h"
#include "base/utf8.h"
#include "directory/model/document.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Attribute;
using directory::Document;
using directory::Thing;
using directory::Type;

// States of people that SCIM's `active` stands for.
constexpr std::string_view kInvited = "invited";
constexpr std::string_view kActive = "active";
constexpr std::string_view kSuspended = "suspended";

std::unexpected<Refusal> not_found(std::string_view id) {
  return refused(404, {}, fmt::format("nothing here has the id `{}`", printable(id)));
}

/// What somebody who replaces a thing has not seen, or cannot set, stays as it was.
void keep_unsaid(const Thing& before, object& document) {
  for (const Attribute& attribute : schema_of(before.kind).attributes) {
    const bool is_kept = attribute.is_sensitive || attribute.is_immutable || attribute.is_read_only;
    const Json* value = before.document.json().if_contains(attribute.name);
    if (is_kept && value != nullptr && !document.contains(attribute.name)) {
      document[attribute.name] = *value;
    }
  }
}

bool is_sensitive(const Named& named) {
  return (named.attribute != nullptr && named.attribute->is_sensitive) ||
         (named.part != nullptr && named.part->is_sensitive);
}

bool has_sensitive(directory::Kind kind, const object& document) {
  return std::ranges::any_of(schema_of(kind).attributes, [&](const Attribute& attribute) {
    return attribute.is_sensitive && document.contains(attribute.name);
  });
}

/// A value of a reference, without what the server says of it.
Json only_id(const Json& value) {
  if (value.is_array()) {
    array out;
    for (const Json& each : value.as_array()) out.push_back(only_id(each));
    return out;
  }
  const auto id = id_in(value);
  return id ? Json(object{{"value", *id}}) : value;
}

/// Takes apart what a PATCH says: what is about links is not about the resource itself.
class Separator {
 public:
  Separator(const ResourceType& type, std::string_view id) : type_(type), id_(id) {}

  Answered<void> take(PatchOperation& operation) {
    if (operation.path) return take_at(operation);
    // Clients send the whole resource, too.
    object rest;
    for (const auto& member : operation.value.as_object()) {
      TRY_VOID(take_member(operation.kind, member.key(), member.value(), rest));
    }
    if (rest.empty()) return {};
    operation.value = std::move(rest);
    others.push_back(std::move(operation));
    return {};
  }

  std::vector<PatchOperation> others;
  bool touches_sensitive = false;
  struct Kept {
    const LinkAttribute* attribute;
    PatchKind kind;
    std::unique_ptr<Filter> filter;
    std::optional<Json> value;
  };
  std::vector<Kept> links;

 private:
  void note(const Named& named) { touches_sensitive = touches_sensitive || is_sensitive(named); }

  std::unexpected<Refusal> read_only(std::string_view name) const {
    return refused(400, to_string(ErrorType::kMutability), fmt::format("`{}` is read-only", name));
  }

  /// The path may be that of an extension: then all of it is meant.
  Answered<void> take_extension(PatchOperation& operation, const std::string& urn) {
    if (operation.kind != PatchKind::kRemove) {
      if (operation.value.is_object()) operation.value.as_object().erase("schemas");
      operation.value = object{{urn, std::move(operation.value)}};
      operation.path.reset();
      return take(operation);
    }
    for (const Attribute& attribute : type_.schema->attributes) {
      if (type_.container_of(attribute.scim) != urn || attribute.is_required) continue;
      others.push_back({.kind = PatchKind::kRemove,
                        .path = PatchPath{.path = {.schema = urn,
                                                   .attribute = std::string(attribute.name),
                                                   .sub_attribute = {}},
                                          .filter = nullptr,
                                          .sub_attribute = {}},
                        .value = {}});
    }
    return {};
  }

  Answered<void> take_at(PatchOperation& operation) {
    const std::string whole = to_string(operation.path->path);
    for (const std::string& urn : {type_.enterprise, type_.own}) {
      const bool is_whole = !urn.empty() && is_same_name(whole, urn) && !operation.path->filter &&
                            operation.path->sub_attribute.empty();
      if (is_whole) return take_extension(operation, urn);
    }
    const auto named = find_named(type_, operation.path->path);
    if (!named) {
      return refused(400, to_string(ErrorType::kInvalidPath),
                     no_such_attribute(type_, operation.path->path));
    }
    if (named->what == Named::What::kLinks) {
      if (!named->links->is_writable) return read_only(named->links->name);
      if (!operation.path->sub_attribute.empty()) {
        return refused(
            400, to_string(ErrorType::kMutability),
            fmt::format("`{}` are added and removed, not changed in place", named->links->name));
      }
      std::optional<Json> value;
      if (!operation.value.is_null()) value = std::move(operation.value);
      links.push_back(
          {named->links, operation.kind, std::move(operation.path->filter), std::move(value)});
      return {};
    }
    note(*named);
    const bool is_reference =
        named->attribute != nullptr && named->attribute->type == Type::kReference;
    if (is_reference && operation.path->sub_attribute.empty() && !operation.value.is_null()) {
      operation.value = only_id(operation.value);
    }
    others.push_back(std::move(operation));
    return {};
  }

  Answered<void> take_member(PatchKind kind, std::string_view key, const Json& value,
                             object& rest) {
    const auto path = parse_attribute_path(key);
    const auto named = path ? find_named(type_, *path) : std::nullopt;
    if (named && named->what == Named::What::kLinks) {
      if (!named->links->is_writable) return read_only(named->links->name);
      links.push_back({named->links, kind, nullptr, value});
      return {};
    }
    const bool is_own_id = named && named->what == Named::What::kId && value.is_string() &&
                           std::string_view(value.as_string()) == id_;
    const bool is_passed_over = named && (named->what == Named::What::kSchemas ||
                                          named->what == Named::What::kMeta || is_own_id);
    if (is_passed_over) return {};
    if (named) note(*named);
    const bool is_reference =
        named && named->attribute != nullptr && named->attribute->type == Type::kReference;
    rest.emplace(key,
                 is_reference && named->sub.empty() ? only_id(value) : without_names(key, value));
    return {};
  }

  /// The same within an extension.
  Json without_names(std::string_view schema, const Json& value) {
    if (!value.is_object() || !schema.contains(':')) return value;
    object out;
    for (const auto& member : value.as_object()) {
      const AttributePath path{.schema = std::string(schema),
                               .attribute = std::string(member.key()),
                               .sub_attribute = {}};
      const auto named = find_named(type_, path);
      if (named) note(*named);
      const bool is_reference =
          named && named->attribute != nullptr && named->attribute->type == Type::kReference;
      out.emplace(member.key(), is_reference ? only_id(member.value()) : member.value());
    }
    return out;
  }

  const ResourceType& type_;
  std::string_view id_;
};

std::unexpected<Refusal> contradiction(std::string_view state) {
  return refused(
      400, to_string(ErrorType::kInvalidValue),
      fmt::format("`active` and the state `{}` contradict each other; send one of them", state));
}

bool is_in_force(const ResourceType& type, std::string_view state) {
  const directory::State* found = find_state(*type.schema, state);
  return found != nullptr && found->is_in_force;
}

/// The state in which a new thing is entered. Whom a provider of identities enters works here,
/// unless it says otherwise; then the person is only known.
Answered<std::string> first_state(const ResourceType& type, const SentResource& sent) {
  if (sent.state) {
    if (sent.active && *sent.active != is_in_force(type, *sent.state)) {
      return contradiction(*sent.state);
    }
    return *sent.state;
  }
  if (type.kind != directory::Kind::kPerson) return std::string();
  return std::string(sent.active.value_or(true) ? kActive : kInvited);
}

}  // namespace

bool is_named_by(const Thing& thing, std::string_view tags) {
  const std::string own = etag_of(thing).substr(2);
  while (!tags.empty()) {
    const std::size_t comma = std::min(tags.find(','), tags.size());
    std::string_view tag = tags.substr(0, comma);
    tags.remove_prefix(std::min(comma + 1, tags.size()));
    while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
    while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == own) return true;
  }
  return false;
}

Answered<Thing> Changes::find(const ResourceType& type, std::string_view id,
                              const Condition& condition, Deed deed) {
  const auto found = is_id(id) ? edit_.find(id) : fail(ErrorCode::kNotFound, "");
  if (!found && found.error().code != ErrorCode::kNotFound) {
    return std::unexpected(Refusal(found.error()));
  }
  if (!found || found->kind != type.kind) {
    TRY_VOID(errand_.gate.check(Deed::kRead, type.kind));  // who may not ask is not told
    return not_found(id);
  }
  TRY_VOID(errand_.gate.check(deed, *found));
  if (condition && !is_named_by(*found, *condition)) {
    return refused(412, {},
                   fmt::format("it has the version `{}`: somebody else changed it meanwhile; read "
                               "it again",
                               etag_of(*found)));
  }
  return *found;
}

Answered<Thing> Changes::create(const ResourceType& type, const object& sent) {
  TRY_VOID(errand_.gate.check(Deed::kCreate, type.kind));
  TRY_VOID(check_schemas(type, sent));
  const SentResource read = TRY(read_resource(type, sent));
  const std::string state = TRY(first_state(type, read));
  Thing thing = TRY(edit_.create(type.kind, read.document, state));
  if (read.links.empty()) return thing;
  TRY_VOID(set_links(type, thing.id, read.links));
  return TRY(edit_.find(thing.id));
}

Answered<Thing> Changes::replace(const ResourceType& type, std::string_view id,
                                 const Condition& condition, const object& sent) {
  const Thing before = TRY(find(type, id, condition, Deed::kRead));
  TRY_VOID(check_schemas(type, sent));
  SentResource read = TRY(read_resource(type, sent));
  // Whether it is a change at all would tell what is sensitive to who may only read.
  if (has_sensitive(type.kind, read.document)) {
    TRY_VOID(errand_.gate.check(Deed::kChange, before));
  }
  keep_unsaid(before, read.document);
  TRY_VOID(change_document(before, read.document));
  TRY_VOID(change_state(before, read));
  TRY_VOID(set_links(type, before.id, read.links));
  return TRY(edit_.find(before.id));
}

Answered<Thing> Changes::patch(const ResourceType& type, std::string_view id,
                               const Condition& condition, std::vector<PatchOperation> operations) {
  const Thing before = TRY(find(type, id, condition, Deed::kRead));
  Separator separated(type, before.id);
  for (PatchOperation& operation : operations) TRY_VOID(separated.take(operation));
  if (separated.touches_sensitive) TRY_VOID(errand_.gate.check(Deed::kChange, before));
  if (!separated.others.empty()) {
    const object after = TRY(apply_patch(to_resource(type, before, before.document.json()),
                                         separated.others, traits_of(type)));
    SentResource read = TRY(read_resource(type, after));
    for (const Attribute& attribute : type.schema->attributes) {
      const Json* value = before.document.json().if_contains(attribute.name);
      if (attribute.is_read_only && value != nullptr) read.document[attribute.name] = *value;
    }
    TRY_VOID(change_document(before, read.document));
    TRY_VOID(change_state(before, read));
  }
  LinkChanges links(errand_, edit_, type, before);
  for (const Separator::Kept& kept : separated.links) {
    TRY_VOID(links.apply({.attribute = kept.attribute,
                          .kind = kept.kind,
                          .filter = kept.filter.get(),
                          .value = kept.value ? &*kept.value : nullptr}));
  }
  return TRY(edit_.find(before.id));
}

Answered<void> Changes::remove(const ResourceType& type, std::string_view id,
                               const Condition& condition) {
  const Thing before = TRY(find(type, id, condition, Deed::kRemove));
  const auto removed = edit_.remove(before.id, std::nullopt);
  if (removed) return {};
  Refusal refusal(removed.error());
  if (removed.error().code == ErrorCode::kFailedPrecondition) {  // others need it
    refusal.status = 409;
    refusal.type = {};
  }
  return std::unexpected(std::move(refusal));
}

Answered<void> Changes::change_document(const Thing& before, const object& document) {
  const auto after = Document::check(before.kind, document, year_of(errand_.now));
  if (!after) return std::unexpected(Refusal(to_error(after.error())));
  if (*after == before.document) return {};
  const directory::Faults forbidden = find_forbidden_changes(before.document, *after);
  if (!forbidden.empty()) {
    return refused(400, to_string(ErrorType::kMutability), to_error(forbidden).message);
  }
  TRY_VOID(errand_.gate.check(Deed::kChange, before));
  TRY_VOID(edit_.change(before.id, std::nullopt, document));
  return {};
}

/// What differs from how it was is what is wanted: clients send back what they read.
Answered<void> Changes::change_state(const Thing& before, const SentResource& sent) {
  const ResourceType& type = resource_type(before.kind);
  std::string state = sent.state.value_or(before.state);
  if (sent.active && *sent.active != is_in_force(type, before.state)) {
    if (state == before.state) {
      state = *sent.active ? kActive : kSuspended;
    } else if (is_in_force(type, state) != *sent.active) {
      return contradiction(state);
    }
  }
  if (state == before.state) return {};
  TRY_VOID(errand_.gate.check_state(before, state));
  TRY_VOID(edit_.set_state(before.id, std::nullopt, state));
  return {};
}

Answered<void> Changes::set_links(const ResourceType& type, const std::string& id,
                                  const std::vector<SentResource::Links>& links) {
  if (links.empty()) return {};
  LinkChanges changes(errand_, edit_, type, TRY(edit_.find(id)));
  for (const SentResource::Links& each : links) {
    TRY_VOID(changes.apply({.attribute = each.attribute,
                            .kind = PatchKind::kReplace,
                            .filter = nullptr,
                            .value = &each.value}));
  }
  return {};
}

}  // namespace wardlock::scim
