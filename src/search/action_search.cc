#include "search/action_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cedar/ast/names.h"
#include "pdp/resolve.h"
#include "search/deciding.h"

namespace wardlock::search {
namespace {

using cedar::EntityUid;
using Uids = std::set<const EntityUid*,
                      decltype([](const EntityUid* a, const EntityUid* b) { return *a < *b; })>;

void add_literals(const cedar::Expr& expr, Uids& uids) {
  if (const auto* literal = std::get_if<cedar::Literal>(&expr.node)) {
    if (!literal->value.is(cedar::Kind::kEntity)) return;
    const EntityUid& uid = literal->value.as_entity();
    if (cedar::is_action_type(uid.type)) uids.insert(&uid);
    return;
  }
  cedar::for_each_child(expr.node, [&](const cedar::Expr& child) { add_literals(child, uids); });
}

void add_named_actions(const pdp::Snapshot& snapshot, Uids& uids) {
  if (snapshot.schema()) {
    for (const cedar::ActionType& action : snapshot.schema()->actions()) uids.insert(action.uid);
    return;
  }
  for (const cedar::Policy& policy : snapshot.policies().policies()) {
    uids.insert(policy.body->action.actions.begin(), policy.body->action.actions.end());
    for (const cedar::Condition& condition : policy.body->conditions) {
      add_literals(*condition.body, uids);
    }
  }
  for (const auto& [type, index] : snapshot.index.types()) {
    if (!cedar::is_action_type(type)) continue;
    for (const cedar::Entity* action : index.entities()) uids.insert(action->uid());
  }
}

/// Why nobody may send such a context, whatever the action.
Result<void> check_context(const pdp::AccessRequest& access) {
  if (access.context == nullptr) return {};
  for (const auto& [key, value] : *access.context) {
    if (!pdp::is_reserved_context_key(key)) continue;
    return invalid(
        fmt::format("context.{} is filled by the PDP; leave it out", std::string_view(key)));
  }
  return {};
}

/// The names by which the actions can be asked about.
std::map<std::string, const EntityUid*> by_name(const pdp::Snapshot& snapshot, const Uids& uids) {
  std::map<std::string_view, int> times;
  for (const EntityUid* uid : uids) ++times[uid->id];
  std::map<std::string, const EntityUid*> names;
  for (const EntityUid* uid : uids) {
    // Without a schema a mere id is that of the type `Action`.
    const bool is_plain = !uid->id.contains("::\"") &&
                          (snapshot.schema() ? times[uid->id] == 1 : uid->type == "Action");
    names.emplace(is_plain ? std::string(uid->id) : to_text(*uid), uid);
  }
  return names;
}

bool is_in_scope(const pdp::Caller& caller, const EntityUid& action) {
  const pdp::Names& actions = caller.scope.actions;
  return actions.contains(action.id) || actions.contains(to_text(action));
}

}  // namespace

Result<Found> search_actions(const pdp::Snapshot& snapshot, const Query& query,
                             const Portion& portion, std::int64_t now) {
  Arena arena;
  pdp::AccessRequest question = query.access;
  const cedar::Request entities = TRY(resolve_entities(snapshot, question, arena));
  TRY_VOID(check_context(question));
  Deciding deciding(snapshot, query.canary, portion, now);
  Uids uids;
  add_named_actions(snapshot, uids);
  if (query.canary != nullptr) add_named_actions(*query.canary->tried(), uids);
  for (const auto& [name, uid] : by_name(snapshot, uids)) {
    if (portion.after && name <= *portion.after) continue;
    if (!is_in_scope(*question.caller, *uid) ||
        !can_be_asked(snapshot, query.canary, *uid, entities.principal->type,
                      entities.resource->type)) {
      continue;
    }
    question.action = name;
    if (!TRY(deciding.take(question, name))) return std::move(deciding).stop();
  }
  // What is wrong with it for every action is wrong with the question.
  if (!portion.after && !deciding.has_answers() && deciding.refusal()) {
    return std::unexpected(*deciding.refusal());
  }
  return std::move(deciding).finish();
}

}  // namespace wardlock::search
