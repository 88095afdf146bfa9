#include "pdp/provision_match.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "pdp/consents.h"

namespace wardlock::pdp {
namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Field;
using cedar::Kind;
using cedar::Value;

using Provision = std::span<const Field>;

constexpr std::string_view kPlace = "place";

Applies sure(bool does) { return does ? Applies::kYes : Applies::kNo; }

Applies of_fit(CodeFit fit) {
  if (fit == CodeFit::kApart) return Applies::kNo;
  return fit == CodeFit::kCovered ? Applies::kYes : Applies::kMaybe;
}

/// For a list of which one is enough: the surest of its members. Without the list all apply.
template <typename One>
Applies any_of(const Value* list, One one) {
  if (list == nullptr) return Applies::kYes;
  if (!list->is(Kind::kSet)) return Applies::kMaybe;
  Applies surest = Applies::kNo;
  for (const Value& each : list->as_set()) surest = std::max(surest, std::invoke(one, each));
  return surest;
}

/// The same of texts.
template <typename One>
Applies any_text_of(const Value* list, One one) {
  return any_of(list, [&](const Value& each) {
    return each.is(Kind::kString) ? one(each.as_string()) : Applies::kMaybe;
  });
}

Applies for_purpose(const Value* purposes, std::optional<Purpose> asked) {
  return any_text_of(purposes, [&](std::string_view text) {
    const auto named = Purpose::find(text);
    if (!named) return Applies::kMaybe;
    // Whether the glass is broken is known: by a grant, or not.
    if (!asked) return text == kBreakGlassPurpose ? Applies::kNo : Applies::kMaybe;
    return of_fit(purpose_fit(*asked, *named));
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

Applies about_action(const Value* actions, const EntityUid& action,
                     const cedar::EntityView& entities, const cedar::Schema& schema) {
  return any_text_of(
      actions, [&](std::string_view named) { return is_action(named, action, entities, schema); });
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
Applies is_labelled(const Value* labels, bool permits, const Entity* resource) {
  return any_text_of(labels, [&](std::string_view named) {
    const auto level = confidentiality_level(named);
    return level ? is_confidential(*level, resource, permits) : is_sensitive(named, resource);
  });
}

Applies is_of_class(const Value* classes, const Entity* resource) {
  return any_of(classes, [&](const Value& named) { return among(resource, "dataClass", named); });
}

}  // namespace

WeighedProvision::WeighedProvision(Provision provision, const ConsentQuestion& question)
    : question_(&question) {
  for (const Field& each : provision) take(each);
}

void WeighedProvision::take(const Field& field) {
  static constexpr std::array<std::pair<std::string_view, const Value * WeighedProvision::*>, 7>
      kRestrictions = {{{"beginsAt", &WeighedProvision::begins_at_},
                        {"endsAt", &WeighedProvision::ends_at_},
                        {"purposes", &WeighedProvision::purposes_},
                        {"actors", &WeighedProvision::actors_},
                        {"actions", &WeighedProvision::actions_},
                        {"labels", &WeighedProvision::labels_},
                        {"classes", &WeighedProvision::classes_}}};
  if (field.name == kPlace) {
    if (field.value.is(Kind::kString)) place_ = field.value.as_string();
  } else if (field.name == "permits") {
    permits_ = field.value.is(Kind::kBool) && field.value.as_bool();
  } else {
    for (const auto& [name, where] : kRestrictions) {
      if (field.name == name) this->*where = &field.value;
    }
  }
}

Applies WeighedProvision::in_its_time() const {
  for (const Value* each : {begins_at_, ends_at_}) {
    if (each != nullptr && !each->is(Kind::kDatetime)) return Applies::kMaybe;
  }
  const std::int64_t now = question_->now;
  return sure((begins_at_ == nullptr || begins_at_->as_scaled() <= now) &&
              (ends_at_ == nullptr || now < ends_at_->as_scaled()));
}

Applies WeighedProvision::of_resource() const {
  if (labels_ == nullptr && classes_ == nullptr) return Applies::kYes;
  const Entity* resource = question_->entities.find(*question_->request.resource);
  return std::min(is_labelled(labels_, permits_, resource), is_of_class(classes_, resource));
}

Applies WeighedProvision::but_for_purpose() const {
  const ConsentQuestion& question = *question_;
  const Applies in_time = in_its_time();
  if (in_time == Applies::kNo) return Applies::kNo;
  return std::min(
      {in_time, any_of(actors_, [&](const Value& each) { return is_actor(each, question); }),
       about_action(actions_, *question.request.action, question.entities, question.schema),
       of_resource()});
}

bool WeighedProvision::takes_effect(std::optional<Purpose> purpose) {
  if (!rest_) rest_ = but_for_purpose();
  if (*rest_ == Applies::kNo) return false;
  const Applies applies = std::min(*rest_, for_purpose(purposes_, purpose));
  return permits_ ? applies == Applies::kYes : applies != Applies::kNo;
}

bool may_speak_of(Provision provision, const EntityUid& action, const cedar::EntityView& entities,
                  const cedar::Schema& schema) {
  return about_action(find_field(provision, "actions"), action, entities, schema) != Applies::kNo;
}

std::string_view place_of(Provision provision) {
  const Value* place = find_field(provision, kPlace);
  return place != nullptr && place->is(Kind::kString) ? place->as_string() : std::string_view();
}

}  // namespace wardlock::pdp
