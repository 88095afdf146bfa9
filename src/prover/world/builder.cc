#include "prover/world/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cedar/ast/policy_text.h"
#include "pdp/access.h"
#include "pdp/consent_codes.h"
#include "pdp/consents.h"
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

/// What a consent provides by which policies see of it what `wanted`, a `context.consent`, has.
/// Whoever asks names no purpose then, or none that it speaks of.
boost::json::array provisions_of(const boost::json::object& wanted) {
  const auto is = [&](std::string_view name) {
    const auto* value = wanted.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  const auto provision = [](std::string_view place, bool permits, std::string_view purpose = {}) {
    boost::json::object out = {{"place", place}, {"permits", permits}};
    if (!purpose.empty()) out["purposes"] = boost::json::array{purpose};
    return out;
  };
  constexpr std::string_view kOther = "HMARKT";
  if (is("permitted")) return {provision("1", true)};
  if (!is("refused")) {
    return {is("refusedInEmergency") ? provision("1", false, pdp::kBreakGlassPurpose)
                                     : provision("1", true, kOther)};
  }
  boost::json::array out = {provision("1", false)};
  if (!is("refusedInEmergency")) out.push_back(provision("1.1", true, pdp::kBreakGlassPurpose));
  return out;
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
    boost::json::object fields =
        cast_.fields_of(context, *conditions_.environment().action->context);
    const auto* consent = fields.if_contains("consent");
    const auto provisions = consent != nullptr && consent->is_object()
                                ? provisions_of(consent->get_object())
                                : boost::json::array();
    split(std::move(fields), world);
    if (wish.has_grant) open_grant(wish, who, what, world);
    auto entities = cast_.take_entities();
    for (codec::Json& entity : entities) {
      tell_properties(entity.as_object(), world);
      world.entities.push_back(std::move(entity));
    }
    if (!provisions.empty()) give_consents(provisions, world);
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

  bool is_patient(const boost::json::value& uid) const {
    const auto* object = uid.if_object();
    const auto* named = object == nullptr ? nullptr : object->if_contains("type");
    if (named == nullptr || !named->is_string()) return false;
    const cedar::EntityType* type = conditions_.schema().find_entity_type(named->get_string());
    return type != nullptr && cedar::find_annotation(type->annotations, "audit") == "patient";
  }

  /// The patients whose resource it is: the resource, or what it is in or has for an attribute.
  std::vector<boost::json::value> patients(const World& world) const {
    const boost::json::value uid = {{"type", world.resource.type}, {"id", world.resource.id}};
    if (is_patient(uid)) return {uid};
    std::vector<boost::json::value> found;
    const auto add = [&](const boost::json::value& each) {
      if (is_patient(each) && std::ranges::find(found, each) == found.end()) found.push_back(each);
    };
    for (const boost::json::value& entity : world.entities) {
      if (entity.at("uid") != uid) continue;
      for (const auto& parent : entity.at("parents").as_array()) add(parent);
      for (const auto& [name, value] : entity.at("attrs").as_object()) {
        const auto* escaped =
            value.is_object() ? value.get_object().if_contains("__entity") : nullptr;
        if (escaped != nullptr) add(*escaped);
      }
    }
    return found;
  }

  /// To each of them the same.
  void give_consents(const boost::json::array& provisions, World& world) const {
    for (const boost::json::value& patient : patients(world)) {
      const boost::json::value uid = {{"type", pdp::kConsentType},
                                      {"id", fmt::format("consent-{}", world.entities.size())}};
      world.entities.push_back({{"uid", uid},
                                {"attrs", {{"patient", patient}, {"provisions", provisions}}},
                                {"parents", boost::json::array()}});
    }
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
