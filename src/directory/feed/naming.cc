#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "cedar/ast/names.h"
#include "directory/feed/projection.h"
#include "directory/feed/seen_text.h"
#include "directory/registry/control_plane.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kOwnNamespace = "Wardlock::";

EntityNaming not_seen(std::string why) {
  return {.outcome = EntityNaming::Outcome::kNotSeen, .why = std::move(why)};
}
EntityNaming hidden(std::string why) {
  return {.outcome = EntityNaming::Outcome::kHidden, .why = std::move(why)};
}

/// The type that its document, or that of its model, asks for; else its kind's.
std::string_view type_of(const Thing& thing, const Models& models) {
  const boost::json::object* document = &thing.document.json();
  if (thing.kind == Kind::kDeviceModel) return schema_of(thing.kind).cedar_type;
  if (thing.kind == Kind::kDevice) {
    const Document* model = model_of(thing, models);
    if (model == nullptr) return schema_of(thing.kind).cedar_type;
    document = &model->json();
  }
  const std::string_view type = text_in(*document, "entityType");
  return type.empty() ? schema_of(thing.kind).cedar_type : type;
}

/// A group must not become a role, nor an organisation a person, by what its document says.
const Schema* kind_whose_type(std::string_view type) {
  const auto all = all_schemas();
  const auto it = std::ranges::find(all, type, &Schema::cedar_type);
  return it == all.end() ? nullptr : *it;
}

}  // namespace

std::string name_is_taken(const EntityNaming& naming) {
  return fmt::format(
      "`{}::\"{}\"` is another thing's; of two with one name the one that was entered first is "
      "seen",
      naming.type, printable(naming.id));
}

std::string Projection::id_of(const Thing& thing) const {
  const boost::json::object& document = thing.document.json();
  const Schema& schema = schema_of(thing.kind);
  std::string_view id = text_in(document, "entityId");
  if (const auto known = known_by_.find(thing.kind); id.empty() && known != known_by_.end()) {
    id = text_in(document, known->second);
  }
  if (id.empty() && !schema.cedar_id.empty()) id = text_in(document, schema.cedar_id);
  return std::string(id.empty() ? thing.id : id);
}

EntityNaming Projection::name(const Thing& thing, const Models& models) const {
  const Schema& schema = schema_of(thing.kind);
  std::string id = id_of(thing);
  if (thing.kind == Kind::kRole && is_reserved_role_name(id)) {
    return not_seen("it is a role in Wardlock itself, which the tenant's policies do not see");
  }
  const std::string_view type = type_of(thing, models);
  if (const Schema* other = kind_whose_type(type); other != nullptr && other != &schema) {
    return hidden(
        fmt::format("`{}` is the type of {}; choose another `entityType`", type, other->plural));
  }
  if (type.starts_with(kOwnNamespace) || cedar::is_action_type(type)) {
    return hidden(
        fmt::format("`{}` is no type for a thing; choose another `entityType`", printable(type)));
  }
  const cedar::EntityType* declared = schema_->find_entity_type(type);
  if (declared == nullptr) {
    return not_seen(fmt::format("the policies' schema declares no type `{}`", printable(type)));
  }
  if (file_types_.contains(type)) {
    return {.outcome = EntityNaming::Outcome::kOfFile,
            .type = std::string(type),
            .why = fmt::format("entities of the type `{}` are those of the tenant's file", type)};
  }
  const State* state = find_state(schema, thing.state);
  const bool is_in_force = state != nullptr && state->is_in_force;
  const bool tells = state != nullptr && state->is_seen && !schema.cedar_in_force.empty() &&
                     declared->shape->find_attribute(schema.cedar_in_force) != nullptr;
  if (!is_in_force && !tells) return not_seen(fmt::format("it is `{}`", thing.state));
  return {.outcome = EntityNaming::Outcome::kNamed, .type = std::string(type), .id = std::move(id)};
}

}  // namespace wardlock::directory
