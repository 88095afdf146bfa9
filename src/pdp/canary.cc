#include "pdp/canary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cedar/parser/parser.h"
#include "pdp/accountability.h"
#include "pdp/resolve.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;

/// The classes of actions that a patient's life may hang on, as schemas have them: `@audit("…")`.
constexpr std::array<std::string_view, 2> kLeftOut = {"safety", "therapy"};

bool is_left_out(const Snapshot& snapshot, std::string_view action, Arena& arena) {
  return std::ranges::find(kLeftOut, find_action_class(snapshot, action, arena)) != kLeftOut.end();
}

/// `view` and `Action::"view"` are one.
std::string_view plain_name(std::string_view action) {
  constexpr std::string_view kPrefix = "Action::\"";
  if (!action.starts_with(kPrefix) || !action.ends_with('"') || action.size() <= kPrefix.size()) {
    return action;
  }
  return action.substr(kPrefix.size(), action.size() - kPrefix.size() - 1);
}

/// As the callers name its type; null: no entity can have that one.
const EntityUid* uid_of(const Snapshot& snapshot, const DescribedEntity& entity, Arena& arena) {
  const auto* declared = snapshot.types.find_declared(entity.type);
  if (declared != nullptr) {
    const std::string_view type = declared->type->name;
    return arena.make<EntityUid>(type, entity.id, cedar::hash_uid(type, entity.id));
  }
  const auto type = snapshot.types.cedar_type(entity.type);
  if (!type) return nullptr;
  return arena.make<EntityUid>(*type, entity.id, cedar::hash_uid(*type, entity.id));
}

}  // namespace

Result<std::shared_ptr<const Canary>> Canary::make(std::shared_ptr<const Snapshot> of,
                                                   std::shared_ptr<const Snapshot> tried,
                                                   bundle::CanaryPart part) {
  std::shared_ptr<Canary> made(new Canary(std::move(of), std::move(tried), std::move(part)));
  for (const std::string& location : made->part_.locations) {
    made->locations_.push_back(TRY(cedar::parse_entity_uid(location, made->arena_)));
  }
  return made;
}

bool Canary::is_somewhere(const EntityUid& uid) const {
  const auto is_it = [&](const EntityUid* location) { return *location == uid; };
  if (std::ranges::any_of(locations_, is_it)) return true;
  const cedar::Entity* entity = of_->entities.find(uid);
  return entity != nullptr && std::ranges::any_of(locations_, [&](const EntityUid* location) {
           return of_->entities.has_ancestor(*entity, *location);
         });
}

bool Canary::is_about_its_places(const AccessRequest& request, Arena& arena) const {
  if (locations_.empty()) return false;
  const EntityUid* resource = uid_of(*of_, request.resource, arena);
  const EntityUid* principal = uid_of(*of_, request.principal, arena);
  if (resource == nullptr || principal == nullptr) return false;
  if (is_somewhere(*resource)) return true;
  // The action is of no account here.
  const Accountable found = of_->rulebook->accountability.find(
      {.principal = principal, .action = resource, .resource = resource}, of_->entities);
  return (found.patient != nullptr && is_somewhere(*found.patient)) ||
         (found.device != nullptr && is_somewhere(*found.device));
}

/// Whether it is not left out.
bool Canary::may_take(const AccessRequest& request, Arena& arena) const {
  const auto is_it = [&](std::string_view named) {
    return plain_name(named) == plain_name(request.action);
  };
  if (std::ranges::any_of(part_.actions, is_it)) return true;
  return !is_left_out(*of_, request.action, arena) && !is_left_out(*tried_, request.action, arena);
}

bool Canary::takes(const AccessRequest& request, Arena& arena) const {
  const bool is_its = std::ranges::binary_search(part_.callers, request.caller->id) ||
                      is_about_its_places(request, arena);
  return is_its && may_take(request, arena);
}

}  // namespace wardlock::pdp
