#include "cedar/entities/entities_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cedar/ast/names.h"
#include "cedar/entities/conformance.h"
#include "cedar/json/path.h"

namespace wardlock::cedar {
namespace {

using codec::Json;
using JsonObject = boost::json::object;

Result<const Json*> require(const JsonObject& object, const char* key, std::string_view where) {
  if (const Json* value = object.if_contains(key)) return value;
  return invalid(fmt::format("{}: `{}` is missing", where, key));
}

class EntitiesReader {
 public:
  explicit EntitiesReader(const Schema* schema) : schema_(schema) {
    options_.make_uid = [this](std::string_view type, std::string_view id) {
      return builder_.intern(type, id);
    };
  }

  Result<EntityStore> read(const Json& json, const EntityStore* before) && {
    const auto* array = json.if_array();
    if (array == nullptr) return invalid("the entities: an array is expected");
    std::size_t number = 0;
    for (const Json& element : *array) {
      TRY_VOID(read_entity(element, fmt::format("entities[{}]", number++)));
    }
    if (schema_ != nullptr) TRY_VOID(add_actions_of_schema());
    return before == nullptr ? std::move(builder_).build()
                             : std::move(builder_).build_after(*before);
  }

 private:
  Result<void> read_entity(const Json& json, const std::string& place) {
    const auto* object = json.if_object();
    if (object == nullptr) return invalid(fmt::format("{}: an object is expected", place));
    EntityDraft entity;
    const Json& uid = *TRY(require(*object, "uid", place));
    entity.uid = TRY(uid_from_json(uid, builder_.arena(), place + ".uid", options_));
    const std::string where = to_text(*entity.uid);
    const bool is_action = is_action_type(entity.uid->type);
    const EntityType* type = nullptr;
    if (schema_ != nullptr && !is_action) {
      type = schema_->find_entity_type(entity.uid->type);
      if (type == nullptr) {
        return invalid(
            fmt::format("`{}`: the schema declares no entity type `{}`", where, entity.uid->type));
      }
    }
    const Json& attributes = *TRY(require(*object, "attrs", where));
    entity.attributes = TRY(read_attributes(attributes, type, where));
    const Json& parents = *TRY(require(*object, "parents", where));
    entity.parents = TRY(read_parents(parents, *entity.uid));
    if (const Json* tags = object->if_contains("tags")) {
      entity.tags = TRY(read_tags(*tags, type, fmt::format("the tags of {}", where)));
    }
    if (type != nullptr) TRY_VOID(check_entity(entity, *schema_));
    return is_action && schema_ != nullptr ? actions_.add(entity) : builder_.add(entity);
  }

  Result<std::span<const Field>> read_attributes(const Json& json, const EntityType* type,
                                                 const std::string& where) {
    if (!json.is_object()) return invalid(fmt::format("{}: `attrs` must be an object", where));
    return read_fields(json.get_object(), where, [&](std::string_view name) -> const Type* {
      const Attribute* attribute = type ? type->shape->find_attribute(name) : nullptr;
      return attribute ? attribute->type : nullptr;
    });
  }

  Result<std::span<const Field>> read_tags(const Json& json, const EntityType* type,
                                           const std::string& where) {
    if (!json.is_object()) return invalid(fmt::format("{} must be an object", where));
    return read_fields(json.get_object(), where,
                       [&](std::string_view) { return type ? type->tags : nullptr; });
  }

  /// Each member is read as the type that `type_of` gives for its name.
  template <typename TypeOf>
  Result<std::span<const Field>> read_fields(const JsonObject& object, const std::string& where,
                                             TypeOf type_of) {
    const JsonPath place(where);
    std::vector<Field> fields;
    fields.reserve(object.size());
    for (const auto& member : object) {
      const std::string_view name(member.key().data(), member.key().size());
      const std::string inner = JsonPath(place, name).text();
      const Value value =
          TRY(value_from_json(member.value(), type_of(name), builder_.arena(), inner, options_));
      fields.push_back({builder_.arena().copy(name), value});
    }
    return make_record(builder_.arena(), fields).as_record();
  }

  Result<std::span<const EntityUid* const>> read_parents(const Json& json, const EntityUid& child) {
    const std::string where = to_text(child) + ".parents";
    const auto* array = json.if_array();
    if (array == nullptr) return invalid(fmt::format("{}: an array is expected", where));
    std::vector<const EntityUid*> parents;
    std::unordered_set<const EntityUid*> seen;
    for (const Json& element : *array) {
      const EntityUid* uid = TRY(uid_from_json(element, builder_.arena(), where, options_));
      if (is_action_type(child.type) && !is_action_type(uid->type)) {
        return invalid(fmt::format("the action `{}` cannot be in `{}`, which is no action",
                                   to_text(child), to_text(*uid)));
      }
      if (seen.insert(uid).second) parents.push_back(uid);
    }
    return builder_.arena().copy(parents);
  }

  Result<void> add_actions_of_schema() {
    const EntityStore given = TRY(std::move(actions_).build());
    for (const Entity* action : given.entities()) TRY_VOID(check_action(*action, given));
    for (const ActionType& action : schema_->actions()) {
      EntityDraft entity;
      entity.uid = builder_.intern(action.uid->type, action.uid->id);
      std::vector<const EntityUid*> parents;
      for (const EntityUid* uid : action.parents) {
        parents.push_back(builder_.intern(uid->type, uid->id));
      }
      entity.parents = builder_.arena().copy(parents);
      TRY_VOID(builder_.add(entity));
    }
    return {};
  }

  /// An action in the JSON says nothing but what the schema says.
  Result<void> check_action(const Entity& given, const EntityStore& all) {
    const ActionType* declared = schema_->find_action(*given.uid());
    if (declared == nullptr) {
      return invalid(fmt::format("the schema declares no action `{}`", to_text(*given.uid())));
    }
    const bool is_equal = given.attributes().empty() && given.tags().empty() &&
                          given.ancestors().size() == declared->ancestors.size() &&
                          std::ranges::all_of(declared->ancestors, [&](const EntityUid* group) {
                            return all.has_ancestor(given, *group);
                          });
    if (is_equal) return {};
    return invalid(
        fmt::format("the action `{}` differs from what the schema says; leave it out of "
                    "the entities to use the schema's",
                    to_text(*given.uid())));
  }

  const Schema* schema_;
  EntityStore::Builder builder_;
  EntityStore::Builder actions_;  ///< those in the JSON, if there is a schema to compare them with
  ValueJsonOptions options_;
};

}  // namespace

Result<EntityStore> entities_from_json(const Json& json, const Schema* schema,
                                       const EntityStore* before) {
  return EntitiesReader(schema).read(json, before);
}

Result<Value> context_from_json(Arena& arena, const Json& json, const Schema* schema,
                                const EntityUid* action, const ValueJsonOptions& options) {
  const Type* expected = nullptr;
  if (schema != nullptr && action != nullptr) {
    const ActionType* type = schema->find_action(*action);
    if (type == nullptr) {
      return invalid(fmt::format("the schema declares no action `{}`", to_text(*action)));
    }
    expected = type->context;
  }
  const Value context = TRY(value_from_json(json, expected, arena, "context", options));
  if (context.is(Kind::kRecord)) return context;
  return invalid(
      fmt::format("the context must be a record; it is of type {}", to_string(context.kind())));
}

}  // namespace wardlock::cedar
