#include "pdp/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "cedar/ast/names.h"
#include "cedar/entities/conformance.h"
#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityType;
using cedar::EntityUid;
using cedar::Field;
using cedar::Value;

constexpr std::array<std::string_view, 5> kReservedKeys = {"action", "authentication", "now",
                                                           "override", "pep"};

/// What comes from outside has no escapes, and null means absent.
cedar::ValueJsonOptions outside_options() {
  cedar::ValueJsonOptions options;
  options.escapes_count = false;
  options.null_is_absent = true;
  return options;
}

Result<const EntityUid*> resolve_uid(const DescribedEntity& entity, std::string_view role,
                                     Arena& arena) {
  if (!cedar::is_name(entity.type)) {
    return invalid(fmt::format("the {}'s type `{}` is not an entity type's name", role,
                               find_deceptive_character(entity.type) ? "…" : entity.type));
  }
  if (cedar::is_action_type(entity.type)) {
    return invalid(fmt::format("the {} cannot be an action", role));
  }
  if (find_deceptive_character(entity.id)) {
    return invalid(fmt::format("the {}'s id holds a control or bidirectional character", role));
  }
  return cedar::make_uid(arena, entity.type, entity.id);
}

/// `name` as a whole uid. Its escapes can write what the name itself must not hold.
Result<const EntityUid*> parse_action_uid(std::string_view name, Arena& arena) {
  const EntityUid* uid = TRY(cedar::parse_entity_uid(name, arena));
  if (!cedar::is_action_type(uid->type)) {
    return invalid(
        fmt::format("`{}` is not an action; its type must be `Action`, or end in "
                    "`::Action`",
                    name));
  }
  if (find_deceptive_character(uid->id)) {
    return invalid("the action's id holds a control or bidirectional character");
  }
  return uid;
}

/// A name such as `view` is the one action of the schema with that id, or `Action::"view"`. A whole
/// uid can be written too.
Result<const EntityUid*> resolve_action(const Snapshot& snapshot, std::string_view name,
                                        Arena& arena) {
  if (find_deceptive_character(name)) {
    return invalid("the action's name holds a control or bidirectional character");
  }
  if (name.contains("::\"")) return parse_action_uid(name, arena);
  const EntityUid* found = nullptr;
  if (snapshot.schema) {
    for (const cedar::ActionType& action : snapshot.schema->actions()) {
      if (action.uid->id != name) continue;
      if (found != nullptr) {
        return invalid(
            fmt::format("the action `{}` is ambiguous: it may be `{}` or `{}`; "
                        "write it like that",
                        name, to_text(*found), to_text(*action.uid)));
      }
      found = action.uid;
    }
  }
  return found != nullptr ? found : cedar::make_uid(arena, "Action", name);
}

/// Merges what the caller says of one entity with what the directory knows.
class EntityMerge {
 public:
  EntityMerge(const Snapshot& snapshot, Arena& arena, std::string_view role,
              std::vector<std::string>& notes)
      : snapshot_(snapshot), arena_(arena), role_(role), notes_(notes) {}

  /// The entity with the properties that count, or nothing when they change nothing.
  Result<std::optional<cedar::Entity>> merge(const EntityUid& uid,
                                             const boost::json::object& properties) {
    stored_ = snapshot_.entities.find(uid);
    type_ = snapshot_.schema ? snapshot_.schema->find_entity_type(uid.type) : nullptr;
    std::vector<Field> added;
    for (const auto& [name, json] : properties) {
      if (json.is_null()) continue;
      auto field = TRY(snapshot_.schema ? typed(name, json) : untyped(name, json));
      if (field) added.push_back(*field);
    }
    if (added.empty()) return std::nullopt;
    return with_fields(uid, added);
  }

 private:
  std::string where(std::string_view name) const {
    return fmt::format("{} properties.{}", role_, name);
  }

  const Value* stored_value(std::string_view name) const {
    return stored_ == nullptr ? nullptr : find_field(stored_->attributes, name);
  }

  void note(std::string_view name, std::string_view what) {
    notes_.push_back(fmt::format("{} {}", where(name), what));
  }

  void note_difference(std::string_view name, const Value& said, const Value* stored) {
    if (stored == nullptr || !(said == *stored)) {
      note(name, "differs from the directory, which counts");
    }
  }

  Result<std::optional<Field>> untyped(std::string_view name, const codec::Json& json) {
    const Value said =
        TRY(cedar::value_from_json(json, nullptr, arena_, where(name), outside_options()));
    const Value* stored = stored_value(name);
    if (stored == nullptr) return Field{arena_.copy(name), said};
    note_difference(name, said, stored);
    return std::nullopt;
  }

  Result<std::optional<Field>> typed(std::string_view name, const codec::Json& json) {
    const cedar::Attribute* attribute =
        type_ == nullptr ? nullptr : type_->shape->find_attribute(name);
    if (attribute == nullptr) {
      note(name, "is not in the schema and was left out");
      return std::nullopt;
    }
    const Value said =
        TRY(cedar::value_from_json(json, attribute->type, arena_, where(name), outside_options()));
    TRY_VOID(cedar::check_value(said, *attribute->type, *snapshot_.schema, where(name)));
    if (cedar::find_annotation(attribute->annotations, "source") == "request") {
      return Field{arena_.copy(name), said};
    }
    note_difference(name, said, stored_value(name));
    return std::nullopt;
  }

  cedar::Entity with_fields(const EntityUid& uid, std::vector<Field> fields) {
    cedar::Entity entity;
    if (stored_ != nullptr) entity = *stored_;
    entity.uid = &uid;
    const auto is_added = [&](const Field& stored) {
      return std::ranges::find(fields, stored.name, &Field::name) != fields.end();
    };
    std::vector<Field> all = fields;
    for (const Field& stored : entity.attributes) {
      if (!is_added(stored)) all.push_back(stored);
    }
    entity.attributes = make_record(arena_, all).as_record();
    return entity;
  }

  const Snapshot& snapshot_;
  Arena& arena_;
  std::string_view role_;
  std::vector<std::string>& notes_;
  const cedar::Entity* stored_ = nullptr;
  const EntityType* type_ = nullptr;
};

/// The keys the PDP fills, with sample contents for `check_reserved_context`.
/// Nobody has signed in to `wardlock pdp`, and the record says so.
Value authentication_value(Arena& arena) {
  std::array<Field, 2> fields = {{{"level", Value::integer(0)}, {"methods", Value::set({})}}};
  return make_record(arena, fields);
}

Value pep_value(std::string_view id, Arena& arena) {
  std::array<Field, 1> fields = {{{"id", Value::string(arena.copy(id))}}};
  return make_record(arena, fields);
}

/// What two descriptions of the same entity say together. Error: they contradict each other; either
/// of them could be the one a forbid waits for.
Result<boost::json::object> unite(const boost::json::object& one,
                                  const boost::json::object& other) {
  boost::json::object united = one;
  for (const auto& [name, value] : other) {
    codec::Json& place = united[name];
    if (place.is_null()) place = value;
    if (value.is_null() || place == value) continue;
    return invalid(
        fmt::format("the principal and the resource are the same entity, and `properties.{}` "
                    "differs between them",
                    std::string_view(name)));
  }
  return united;
}

class ContextBuilder {
 public:
  ContextBuilder(const cedar::ActionType* action, Arena& arena, std::vector<std::string>& notes)
      : declared_(action == nullptr ? nullptr : action->context), arena_(arena), notes_(notes) {}

  Result<void> add_from_caller(const boost::json::object& context) {
    for (const auto& [key, json] : context) {
      const std::string_view name = key;
      if (is_reserved_context_key(name)) {
        return invalid(fmt::format("context.{} is filled by the PDP; leave it out", name));
      }
      if (json.is_null()) continue;
      const auto* attribute = declared_ == nullptr ? nullptr : declared_->find_attribute(name);
      if (declared_ != nullptr && attribute == nullptr) {
        notes_.push_back(fmt::format("context.{} is not in the schema and was left out", name));
        continue;
      }
      TRY_VOID(add_json(name, json, attribute));
    }
    return {};
  }

  Result<void> add_action(const boost::json::object* properties) {
    const auto* attribute = declared_ == nullptr ? nullptr : declared_->find_attribute("action");
    if (declared_ != nullptr && attribute == nullptr) return {};
    const boost::json::object none;
    return add_json("action", properties == nullptr ? none : *properties, attribute);
  }

  /// Where there is a schema, only if it declares the key.
  void add(std::string_view name, const Value& value) {
    if (declared_ == nullptr || declared_->find_attribute(name) != nullptr) {
      fields_.push_back({name, value});
    }
  }

  Value build() { return make_record(arena_, fields_); }

 private:
  Result<void> add_json(std::string_view name, const codec::Json& json,
                        const cedar::Attribute* attribute) {
    const Value value =
        TRY(cedar::value_from_json(json, attribute == nullptr ? nullptr : attribute->type, arena_,
                                   fmt::format("context.{}", name), outside_options()));
    fields_.push_back({arena_.copy(name), value});
    return {};
  }

  const cedar::Type* declared_;
  Arena& arena_;
  std::vector<std::string>& notes_;
  std::vector<Field> fields_;
};

Result<Value> build_context(const cedar::ActionType* action, const AccessRequest& access,
                            std::int64_t now, Arena& arena, std::vector<std::string>& notes) {
  ContextBuilder context(action, arena, notes);
  if (access.context != nullptr) TRY_VOID(context.add_from_caller(*access.context));
  TRY_VOID(context.add_action(access.action_properties));
  for (const Field& field : filled_context(access.caller->id, now, arena)) {
    context.add(field.name, field.value);
  }
  return context.build();
}

/// Adds what the caller says of the principal and the resource. An entity that is both is one.
Result<void> lay_over(const Snapshot& snapshot, const AccessRequest& access, Arena& arena,
                      ResolvedRequest& resolved) {
  const auto merge = [&](const boost::json::object* properties, const EntityUid& uid,
                         std::string_view role) -> Result<void> {
    if (properties == nullptr) return {};
    EntityMerge merging(snapshot, arena, role, resolved.notes);
    auto merged = TRY(merging.merge(uid, *properties));
    if (merged) resolved.overlay.push_back(*merged);
    return {};
  };
  const EntityUid &principal = *resolved.request.principal, &resource = *resolved.request.resource;
  const auto* of_principal = access.principal.properties;
  const auto* of_resource = access.resource.properties;
  if (principal == resource && of_principal != nullptr && of_resource != nullptr) {
    const boost::json::object united = TRY(unite(*of_principal, *of_resource));
    return merge(&united, principal, "principal");
  }
  TRY_VOID(merge(of_principal, principal, "principal"));
  return merge(of_resource, resource, "resource");
}

}  // namespace

bool is_reserved_context_key(std::string_view key) {
  return std::ranges::find(kReservedKeys, key) != kReservedKeys.end();
}

std::vector<Field> filled_context(std::string_view pep, std::int64_t now, Arena& arena) {
  return {{"authentication", authentication_value(arena)},
          {"now", Value::datetime(now)},
          {"pep", pep_value(pep, arena)}};
}

Result<ResolvedRequest> resolve(const Snapshot& snapshot, const AccessRequest& access,
                                std::int64_t now, Arena& arena) {
  ResolvedRequest resolved;
  cedar::Request& request = resolved.request;
  request.principal = TRY(resolve_uid(access.principal, "principal", arena));
  request.action = TRY(resolve_action(snapshot, access.action, arena));
  request.resource = TRY(resolve_uid(access.resource, "resource", arena));

  const cedar::ActionType* action =
      snapshot.schema ? snapshot.schema->find_action(*request.action) : nullptr;
  if (snapshot.schema && action == nullptr) {
    return invalid(fmt::format("the schema has no action `{}`", to_text(*request.action)));
  }
  request.context = TRY(build_context(action, access, now, arena, resolved.notes));
  if (snapshot.schema)
    TRY_VOID(cedar::validate_request(*snapshot.schema, *request.principal, *request.action,
                                     *request.resource, request.context));

  TRY_VOID(lay_over(snapshot, access, arena, resolved));
  return resolved;
}

Result<void> check_reserved_context(const cedar::Schema& schema) {
  Arena arena;
  std::array<Field, 3> override_fields = {{{"expiresAt", Value::datetime(0)},
                                           {"id", Value::string("")},
                                           {"reason", Value::string("")}}};
  std::vector<Field> samples = filled_context("", 0, arena);
  samples.push_back({"override", make_record(arena, override_fields)});
  for (const cedar::ActionType& action : schema.actions()) {
    for (const Field& sample : samples) {
      const auto* attribute = action.context->find_attribute(sample.name);
      if (attribute == nullptr) continue;
      const auto fits = cedar::check_value(sample.value, *attribute->type, schema,
                                           fmt::format("context.{}", sample.name));
      if (!fits) {
        return invalid(
            fmt::format("the action `{}` declares a context key that Wardlock fills "
                        "itself with another type: {}",
                        to_text(*action.uid), fits.error().message));
      }
    }
    const auto* override_attribute = action.context->find_attribute("override");
    if (override_attribute != nullptr && override_attribute->is_required) {
      return invalid(
          fmt::format("the action `{}` must declare `override?` as optional: it is "
                      "present only under an open break-glass grant",
                      to_text(*action.uid)));
    }
  }
  return {};
}

}  // namespace wardlock::pdp
