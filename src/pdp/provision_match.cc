#include "pdp/provision_match.h"

#include <algorithm>
#include <functional>

#include "pdp/consent_codes.h"
#include "pdp/consents.h"

namespace wardlock::pdp {
namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Field;
using cedar::Kind;
using cedar::Value;

using Provision = std::span<const Field>;

Applies sure(bool does) { return does ? Applies::kYes : Applies::kNo; }

Applies of_fit(CodeFit fit) {
  if (fit == CodeFit::kApart) return Applies::kNo;
  return fit == CodeFit::kCovered ? Applies::kYes : Applies::kMaybe;
}

/// For a list of which one is enough: the surest of its members. Without the list all apply.
template <typename One>
Applies any_of(Provision provision, std::string_view name, One one) {
  const Value* list = find_field(provision, name);
  if (list == nullptr) return Applies::kYes;
  if (!list->is(Kind::kSet)) return Applies::kMaybe;
  Applies surest = Applies::kNo;
  for (const Value& each : list->as_set()) surest = std::max(surest, std::invoke(one, each));
  return surest;
}

/// The same of texts.
template <typename One>
Applies any_text_of(Provision provision, std::string_view name, One one) {
  return any_of(provision, name, [&](const Value& each) {
    return each.is(Kind::kString) ? one(each.as_string()) : Applies::kMaybe;
  });
}

Applies in_its_time(Provision provision, std::int64_t now) {
  const Value* begins = find_field(provision, "beginsAt");
  const Value* ends = find_field(provision, "endsAt");
  for (const Value* each : {begins, ends}) {
    if (each != nullptr && !each->is(Kind::kDatetime)) return Applies::kMaybe;
  }
  return sure((begins == nullptr || begins->as_scaled() <= now) &&
              (ends == nullptr || now < ends->as_scaled()));
}

Applies for_purpose(Provision provision, const ConsentQuestion& question) {
  return any_text_of(provision, "purposes", [&](std::string_view named) {
    if (!is_purpose(named)) return Applies::kMaybe;
    if (!is_purpose(question.purpose)) {
      // Whether the glass is broken is known: by a grant, or not.
      return named == kBreakGlassPurpose ? Applies::kNo : Applies::kMaybe;
    }
    return of_fit(purpose_fit(question.purpose, named));
  });
}

/// Whether the set has it. Where there is none nobody knows.
Applies among(const Entity* entity, std::string_view attribute, const Value& member) {
  const Value* set = entity == nullptr ? nullptr : find_field(entity->attributes(), attribute);
  if (set == nullptr || !set->is(Kind::kSet)) return Applies::kMaybe;
  return sure(cedar::contains(set->as_set(), member));
}

/// Whether the role is among those that somebody has in one place only, which are no ancestors.
bool has_in_one_place(const Entity& principal, const EntityUid& role) {
  const Value* scoped = find_field(principal.attributes(), "scopedRoles");
  if (scoped == nullptr || !scoped->is(Kind::kSet)) return false;
  return std::ranges::any_of(scoped->as_set(), [&](const Value& each) {
    const Value* which = each.is(Kind::kRecord) ? find_field(each.as_record(), "role") : nullptr;
    return which != nullptr && which->is(Kind::kEntity) && which->as_entity() == role;
  });
}

/// Whether the schema has no way to say that somebody of the principal's type belongs there: then
/// that they do not is not known.
bool is_beyond_schema(const EntityUid& actor, const ConsentQuestion& question) {
  const cedar::EntityType* type =
      question.schema.find_entity_type(question.request.principal->type);
  if (type == nullptr || type->may_be_in(actor.type)) return false;
  const cedar::ActionType* action = question.schema.find_action(*question.request.action);
  return action == nullptr || !action->applies_to_principal(actor.type);
}

Applies is_actor(const Value& named, const ConsentQuestion& question) {
  if (!named.is(Kind::kRecord)) return Applies::kMaybe;
  const Value* type = find_field(named.as_record(), "type");
  const Value* id = find_field(named.as_record(), "id");
  if (type == nullptr || !type->is(Kind::kString) || id == nullptr || !id->is(Kind::kString)) {
    return Applies::kMaybe;
  }
  const EntityUid& principal = *question.request.principal;
  if (type->as_string() == kCareTeamActor) {
    return among(question.entities.find(question.patient), "careTeam", Value::entity(&principal));
  }
  const EntityUid actor{type->as_string(), id->as_string(),
                        cedar::hash_uid(type->as_string(), id->as_string())};
  if (actor == principal) return Applies::kYes;
  const Entity* entity = question.entities.find(principal);
  if (entity == nullptr) return Applies::kMaybe;
  if (question.entities.has_ancestor(*entity, actor)) return Applies::kYes;
  const bool may_be = has_in_one_place(*entity, actor) || is_beyond_schema(actor, question);
  return may_be ? Applies::kMaybe : Applies::kNo;
}

/// Actions go by the ids of the action and of the groups that it is in.
Applies is_action(std::string_view named, const EntityUid& action,
                  const cedar::EntityView& entities, const cedar::Schema& schema) {
  if (action.id == named) return Applies::kYes;
  const Entity* entity = entities.find(action);
  const auto is_named = [&](const EntityUid* group) { return group->id == named; };
  if (entity != nullptr && std::ranges::any_of(entity->ancestors(), is_named)) {
    return Applies::kYes;
  }
  // Nothing is said of what the schema does not know: none of its actions is surely another.
  const auto is_known = [&](const cedar::ActionType& each) { return each.uid->id == named; };
  return std::ranges::any_of(schema.actions(), is_known) ? Applies::kNo : Applies::kMaybe;
}

Applies about_action(Provision provision, const EntityUid& action,
                     const cedar::EntityView& entities, const cedar::Schema& schema) {
  return any_text_of(provision, "actions", [&](std::string_view named) {
    return is_action(named, action, entities, schema);
  });
}

Applies is_confidential(int named, const Entity* resource, bool permits) {
  const Value* label =
      resource == nullptr ? nullptr : find_field(resource->attributes(), "confidentiality");
  if (label == nullptr || !label->is(Kind::kString)) return Applies::kMaybe;
  const auto level = confidentiality_level(label->as_string());
  if (!level) return Applies::kMaybe;
  return sure(permits ? *level <= named : *level >= named);
}

Applies is_sensitive(std::string_view named, const Entity* resource) {
  const Value* labels =
      resource == nullptr ? nullptr : find_field(resource->attributes(), "sensitivity");
  if (labels == nullptr || !labels->is(Kind::kSet) || !is_sensitivity(named)) {
    return Applies::kMaybe;
  }
  Applies surest = Applies::kNo;
  for (const Value& each : labels->as_set()) {
    const bool is_known = each.is(Kind::kString) && is_sensitivity(each.as_string());
    surest = std::max(
        surest, is_known ? of_fit(sensitivity_fit(each.as_string(), named)) : Applies::kMaybe);
  }
  return surest;
}

/// Of resources that are as confidential as the label says, or less for a permit, or more for a
/// deny; or that are sensitive like that.
Applies is_labelled(Provision provision, const Entity* resource) {
  return any_text_of(provision, "labels", [&](std::string_view named) {
    const auto level = confidentiality_level(named);
    return level ? is_confidential(*level, resource, is_permit(provision))
                 : is_sensitive(named, resource);
  });
}

Applies is_of_class(Provision provision, const Entity* resource) {
  return any_of(provision, "classes",
                [&](const Value& named) { return among(resource, "dataClass", named); });
}

}  // namespace

Applies applies_to(Provision provision, const ConsentQuestion& question) {
  const Applies in_time = in_its_time(provision, question.now);
  if (in_time == Applies::kNo) return Applies::kNo;
  const Entity* resource = question.entities.find(*question.request.resource);
  return std::min(
      {in_time, for_purpose(provision, question),
       any_of(provision, "actors", [&](const Value& each) { return is_actor(each, question); }),
       about_action(provision, *question.request.action, question.entities, question.schema),
       is_labelled(provision, resource), is_of_class(provision, resource)});
}

bool may_speak_of(Provision provision, const EntityUid& action, const cedar::EntityView& entities,
                  const cedar::Schema& schema) {
  return about_action(provision, action, entities, schema) != Applies::kNo;
}

bool is_permit(Provision provision) {
  const Value* permits = find_field(provision, "permits");
  return permits != nullptr && permits->is(Kind::kBool) && permits->as_bool();
}

bool takes_effect(Provision provision, const ConsentQuestion& question) {
  const Applies applies = applies_to(provision, question);
  return is_permit(provision) ? applies == Applies::kYes : applies != Applies::kNo;
}

std::string_view place_of(Provision provision) {
  const Value* place = find_field(provision, "place");
  return place != nullptr && place->is(Kind::kString) ? place->as_string() : std::string_view();
}

}  // namespace wardlock::pdp
