#include "prover/world/builder.h"

#include <utility>

#include "cedar/ast/policy_text.h"
#include "pdp/access.h"
#include "pdp/grants.h"
#include "prover/world/cast.h"

namespace wardlock::prover {
namespace {

using cedar::Variable;

constexpr std::int64_t kHour = 3'600'000;

/// A term of the conditions that reads so, or nothing.
std::optional<TermId> find_term(const Conditions& conditions, std::string_view text) {
  for (TermId id = 0; id < conditions.term_count(); ++id) {
    if (conditions.term(id).text == text) return id;
  }
  return std::nullopt;
}

/// Builds one world.
class WorldBuilder {
 public:
  WorldBuilder(const Conditions& conditions, Cast& cast, std::map<TermId, std::int64_t> numbers,
               const Consistency& consistency)
      : conditions_(conditions),
        cast_(cast),
        numbers_(std::move(numbers)),
        consistency_(consistency) {}

  World build(const WorldWish& wish) {
    World world;
    const TermId principal = *find_term(conditions_, "principal");
    const TermId resource = *find_term(conditions_, "resource");
    const auto who = cast_.uid_of(principal);
    const auto what = cast_.uid_of(resource);
    world.principal = {.type = who.first, .id = who.second};
    world.resource = {.type = what.first, .id = what.second};
    world.action = cedar::to_text(*conditions_.environment().action->uid);
    world.at = moment(wish);
    world.fulfils = wish.fulfils;
    const TermId context = *find_term(conditions_, "context");
    split(cast_.fields_of(context, *conditions_.environment().action->context), world);
    if (wish.has_grant) open_grant(wish, who, what, world);
    auto entities = cast_.take_entities();
    for (codec::Json& entity : entities) {
      tell_properties(entity.as_object(), world);
      world.entities.push_back(std::move(entity));
    }
    return world;
  }

 private:
  std::int64_t moment(const WorldWish& wish) const {
    const auto now = find_term(conditions_, "context.now");
    if (!now) return wish.now;
    const auto it = numbers_.find(consistency_.class_of(*now));
    return it == numbers_.end() ? wish.now : it->second;
  }

  /// What the PDP fills, and what the caller says.
  static void split(boost::json::object context, World& world) {
    if (const auto* said = context.if_contains("authentication"); said && said->is_object()) {
      const auto& authentication = said->get_object();
      if (const auto* level = authentication.if_contains("level"); level && level->is_int64()) {
        world.level = level->get_int64();
      }
      if (const auto* all = authentication.if_contains("methods"); all && all->is_array()) {
        for (const auto& method : all->get_array()) {
          world.methods.emplace_back(method.as_string());
        }
      }
    }
    for (auto& [key, value] : context) {
      if (!pdp::is_reserved_context_key(key)) world.context[key] = std::move(value);
    }
  }

  /// What the schema calls the application's is said by it, too.
  void tell_properties(const boost::json::object& entity, World& world) const {
    const auto& uid = entity.at("uid").as_object();
    for (Party* party : {&world.principal, &world.resource}) {
      if (uid.at("type").as_string() != party->type || uid.at("id").as_string() != party->id)
        continue;
      const cedar::EntityType* type = conditions_.schema().find_entity_type(party->type);
      for (const cedar::Attribute& each : type->shape->attributes) {
        const bool is_said = cedar::find_annotation(each.annotations, "source") == "request";
        const auto* value = entity.at("attrs").as_object().if_contains(each.name);
        if (is_said && value != nullptr) party->properties[each.name] = *value;
      }
    }
  }

  /// For this person, this action and the resource, or what it is put in if grants are for that.
  void open_grant(const WorldWish& wish, const Cast::Uid& who, const Cast::Uid& what,
                  World& world) {
    const cedar::EntityType* type = conditions_.schema().find_entity_type(pdp::kGrantType);
    const cedar::Attribute* target =
        type != nullptr ? type->shape->find_attribute("target") : nullptr;
    if (target == nullptr) return;
    auto covered = std::optional(what);
    if (target->type->entity_type != what.first) {
      covered = cast_.put_into_some(what, target->type->entity_type);
    }
    if (!covered) return;
    const cedar::EntityUid& action = *conditions_.environment().action->uid;
    boost::json::object attributes = cast_.plain_value(*type->shape).as_object();
    attributes["principal"] = entity_value(who.first, who.second);
    attributes["target"] = entity_value(covered->first, covered->second);
    attributes["actions"] = boost::json::array{entity_value(action.type, action.id)};
    attributes["opensAt"] = number_value(cedar::Kind::kDatetime, world.at - kHour);
    attributes["expiresAt"] = number_value(cedar::Kind::kDatetime, world.at + kHour);
    attributes["reason"] = "emergency";
    if (type->shape->find_attribute("waives") != nullptr && !wish.waives.empty()) {
      attributes["waives"] = boost::json::array(wish.waives.begin(), wish.waives.end());
    }
    world.grant = "grant-1";
    world.entities.push_back({{"uid", {{"type", pdp::kGrantType}, {"id", world.grant}}},
                              {"attrs", std::move(attributes)},
                              {"parents", boost::json::array()}});
  }

  const Conditions& conditions_;
  Cast& cast_;
  std::map<TermId, std::int64_t> numbers_;
  const Consistency& consistency_;
};

}  // namespace

std::optional<World> build_world(const Conditions& conditions, const Assumptions& assumptions,
                                 const Consistency& consistency, const cedar::EntityStore& given,
                                 const WorldWish& wish, std::size_t variant) {
  auto numbers = fitting_numbers(conditions, consistency, wish.now);
  if (!numbers) return std::nullopt;
  Choice choice(variant);
  Texts texts(conditions, consistency, choice);
  Addresses addresses(conditions, consistency, choice);
  Cast cast(conditions, assumptions, consistency, given, *numbers, std::move(texts),
            std::move(addresses));
  return WorldBuilder(conditions, cast, *std::move(numbers), consistency).build(wish);
}

}  // namespace wardlock::prover
