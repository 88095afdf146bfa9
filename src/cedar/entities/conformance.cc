#include "cedar/entities/conformance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cedar/ast/names.h"
#include "cedar/json/path.h"

namespace wardlock::cedar {
namespace {

std::string list(std::span<const std::string_view> items) {
  constexpr std::size_t kMaxShown = 10;
  const std::string shown =
      fmt::format("`{}`", fmt::join(items.first(std::min(items.size(), kMaxShown)), "`, `"));
  return items.size() > kMaxShown ? fmt::format("{} and {} more", shown, items.size() - kMaxShown)
                                  : shown;
}

/// An id of an enumerated type is a declared one.
Result<void> check_id(const EntityUid& uid, const EntityType& type) {
  if (type.may_have_id(uid.id)) return {};
  return invalid(fmt::format("`{}` is not declared: the ids of `{}` are {}", to_text(uid), uid.type,
                             list(type.enum_ids)));
}

/// The same, and one of an action.
Result<void> check_id(const EntityUid& uid, const Schema& schema) {
  if (is_action_type(uid.type)) {
    if (schema.find_action(uid) != nullptr) return {};
    return invalid(fmt::format("the schema declares no action `{}`", to_text(uid)));
  }
  const EntityType* type = schema.find_entity_type(uid.type);
  if (type == nullptr) return {};
  return check_id(uid, *type);
}

class ValueChecker {
 public:
  explicit ValueChecker(const Schema& schema) : schema_(schema) {}

  Result<void> check(const Value& value, const Type& type, const JsonPath& place) {
    if (value.kind() != type.kind) return mismatch(value, type, place);
    switch (type.kind) {
      case Kind::kEntity: return check_entity_value(value, type, place);
      case Kind::kRecord: return check_record(value.as_record(), type, place);
      case Kind::kSet:
        for (const Value& member : value.as_set()) {
          TRY_VOID(check(member, *type.element, JsonPath::member_of(place)));
        }
        return {};
      default: return {};
    }
  }

  /// Goes through both side by side: they are sorted by name.
  Result<void> check_record(std::span<const Field> fields, const Type& type,
                            const JsonPath& place) {
    const Attribute* missing = nullptr;
    auto declared = type.attributes.begin();
    const auto pass = [&] {
      if (declared->is_required && missing == nullptr) missing = &*declared;
      ++declared;
    };
    for (const Field& field : fields) {
      const JsonPath inner(place, field.name);
      while (declared != type.attributes.end() && declared->name != field.name) pass();
      if (declared == type.attributes.end()) {
        return inner.invalid("the schema declares no such attribute");
      }
      TRY_VOID(check(field.value, *declared->type, inner));
      ++declared;
    }
    while (declared != type.attributes.end()) pass();
    if (missing == nullptr) return {};
    return JsonPath(place, missing->name).invalid("this required attribute is missing");
  }

 private:
  Result<void> check_entity_value(const Value& value, const Type& type, const JsonPath& place) {
    const EntityUid& uid = value.as_entity();
    if (uid.type != type.entity_type) return mismatch(value, type, place);
    const Result<void> id = check_id(uid, schema_);
    if (!id) return place.invalid(id.error().message);
    return {};
  }

  static std::unexpected<Error> mismatch(const Value& value, const Type& type,
                                         const JsonPath& place) {
    const std::string found = value.is(Kind::kEntity)
                                  ? fmt::format("entity of type `{}`", value.as_entity().type)
                                  : std::string(to_string(value.kind()));
    return place.invalid(
        fmt::format("the schema says {}; this is of type {}", to_string(type), found));
  }

  const Schema& schema_;
};

Result<void> check_parents(const EntityDraft& entity, const EntityType& type,
                           const Schema& schema) {
  for (const EntityUid* parent : entity.parents) {
    if (!type.may_be_in(parent->type)) {
      return invalid(fmt::format("`{}` cannot be in `{}`: the schema does not let `{}` be in `{}`",
                                 to_text(*entity.uid), to_text(*parent), type.name, parent->type));
    }
    TRY_VOID(check_id(*parent, schema));
  }
  return {};
}

Result<void> check_tags(const EntityDraft& entity, const EntityType& type, const Schema& schema) {
  const std::string where = fmt::format("the tags of {}", to_text(*entity.uid));
  const JsonPath place(where);
  if (type.tags == nullptr && !entity.tags.empty()) {
    return JsonPath(place, entity.tags.front().name)
        .invalid(fmt::format("the schema declares no tags for `{}`", type.name));
  }
  for (const Field& tag : entity.tags) {
    TRY_VOID(ValueChecker(schema).check(tag.value, *type.tags, JsonPath(place, tag.name)));
  }
  return {};
}

std::unexpected<Error> undeclared_type(std::string_view place, const EntityUid& uid) {
  return invalid(fmt::format("the {} `{}`: the schema declares no such type", place, to_text(uid)));
}

/// Principal and resource are treated alike; `applicable` are the types the action applies to.
Result<void> check_scope(std::string_view place, const EntityUid& uid, const EntityType& type,
                         std::span<const std::string_view> applicable, const EntityUid& action) {
  TRY_VOID(check_id(uid, type));
  if (std::ranges::find(applicable, uid.type) != applicable.end()) return {};
  if (applicable.empty()) {
    return invalid(fmt::format("`{}` applies to no {} at all; it is a group of actions",
                               to_text(action), place));
  }
  return invalid(fmt::format("`{}` does not apply to a {} of type `{}`, only to {}",
                             to_text(action), place, uid.type, list(applicable)));
}

}  // namespace

Result<void> check_value(const Value& value, const Type& type, const Schema& schema,
                         std::string_view where) {
  return ValueChecker(schema).check(value, type, JsonPath(where));
}

Result<void> check_entity(const EntityDraft& entity, const Schema& schema) {
  const EntityType* type = schema.find_entity_type(entity.uid->type);
  if (type == nullptr) {
    return invalid(fmt::format("`{}`: the schema declares no entity type `{}`",
                               to_text(*entity.uid), entity.uid->type));
  }
  TRY_VOID(check_id(*entity.uid, schema));
  const std::string where = to_text(*entity.uid);
  TRY_VOID(ValueChecker(schema).check_record(entity.attributes, *type->shape, JsonPath(where)));
  TRY_VOID(check_parents(entity, *type, schema));
  return check_tags(entity, *type, schema);
}

Result<void> validate_request(const Schema& schema, const EntityUid& principal,
                              const EntityUid& action, const EntityUid& resource,
                              const Value& context) {
  const RequestTypes types{.principal = schema.find_entity_type(principal.type),
                           .action = schema.find_action(action),
                           .resource = schema.find_entity_type(resource.type)};
  TRY_VOID(validate_request(types, principal, action, resource));
  return check_value(context, *types.action->context, schema, "context");
}

Result<void> validate_request(const RequestTypes& types, const EntityUid& principal,
                              const EntityUid& action, const EntityUid& resource) {
  if (types.principal == nullptr) return undeclared_type("principal", principal);
  if (types.resource == nullptr) return undeclared_type("resource", resource);
  if (types.action == nullptr) {
    return invalid(fmt::format("the schema declares no action `{}`", to_text(action)));
  }
  const ActionType& asked = *types.action;
  TRY_VOID(check_scope("principal", principal, *types.principal, asked.principals, action));
  return check_scope("resource", resource, *types.resource, asked.resources, action);
}

}  // namespace wardlock::cedar
