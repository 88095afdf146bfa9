#include "search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pdp/approved.h"
#include "pdp/consented.h"
#include "pdp/delegated.h"
#include "pdp/resolve.h"
#include "search/action_search.h"
#include "search/candidates.h"
#include "search/deciding.h"

namespace wardlock::search {
namespace {

using cedar::EntityUid;

/// A search for entities: for a principal or a resource.
class EntitySearch {
 public:
  EntitySearch(const pdp::Snapshot& snapshot, const Query& query, std::int64_t now)
      : snapshot_(snapshot),
        now_(now),
        canary_(query.canary),
        seeks_principal_(query.sought == Sought::kPrincipal),
        question_(query.access) {}

  Result<Found> run(const Portion& portion) {
    Deciding deciding(snapshot_, canary_, portion, now_);
    const std::string nobody = TRY(name_nobody());
    sought().id = nobody;
    const cedar::Request names = TRY(resolve_names(snapshot_, question_, arena_));
    if (!can_be_asked(snapshot_, canary_, *names.action, names.principal->type,
                      names.resource->type)) {
      return std::move(deciding).finish();
    }
    // What is wrong with the question for an entity that is none is wrong with the question.
    const pdp::ResolvedRequest resolved = TRY(resolve_either());
    type_ = (seeks_principal_ ? names.principal : names.resource)->type;
    const cedar::TypeIndex* index = snapshot_.index.find_type(type_);
    if (index == nullptr) return std::move(deciding).finish();
    // Which of both decides is known of each one for itself.
    const Candidates candidates =
        canary_ == nullptr ? find_candidates(*index, resolved) : Candidates::all();
    const auto end = static_cast<std::uint32_t>(index->entities().size());
    CandidateWalk walk(candidates, first_place(*index, portion), end);
    while (const auto place = walk.next()) {
      sought().id = index->entities()[*place]->uid()->id;
      if (!TRY(deciding.take(question_, sought().id))) return std::move(deciding).stop();
    }
    return std::move(deciding).finish();
  }

 private:
  pdp::DescribedEntity& sought() {
    return seeks_principal_ ? question_.principal : question_.resource;
  }
  const pdp::DescribedEntity& known() const {
    return seeks_principal_ ? question_.resource : question_.principal;
  }

  /// By one of both, where the question is one for either.
  Result<pdp::ResolvedRequest> resolve_either() {
    auto resolved = resolve(snapshot_, question_, now_, arena_);
    if (resolved || canary_ == nullptr) return resolved;
    if (auto other = resolve(*canary_->tried(), question_, now_, arena_)) return other;
    return resolved;
  }

  /// An id of what is sought that the other one does not have: to see what the question is without
  /// asking about anybody.
  Result<std::string> name_nobody() {
    const std::string_view type = TRY(snapshot_.types.cedar_type(sought().type));
    const cedar::EntityType* declared =
        snapshot_.schema() ? snapshot_.schema()->find_entity_type(type) : nullptr;
    if (declared == nullptr || !declared->is_enumerated()) return fmt::format("{}?", known().id);
    const auto& ids = declared->enum_ids;
    return std::string(ids.size() > 1 && ids.front() == known().id ? ids[1] : ids.front());
  }

  static std::uint32_t first_place(const cedar::TypeIndex& index, const Portion& portion) {
    if (!portion.after) return 0;
    const std::uint32_t place = index.first_place(*portion.after);
    const bool is_there =
        place < index.entities().size() && index.entities()[place]->uid()->id == *portion.after;
    return is_there ? place + 1 : place;
  }

  Candidates find_candidates(const cedar::TypeIndex& index, const pdp::ResolvedRequest& resolved) {
    const cedar::EntityView entities(snapshot_.entities, resolved.overlay);
    const Unknown unknown{
        .sought = seeks_principal_ ? cedar::Variable::kPrincipal : cedar::Variable::kResource,
        .sought_properties = names_of(sought().properties),
        .known_properties = names_of(known().properties)};
    CandidateFinder finder(index, type_, unknown, resolved.request, entities, arena_);
    const pdp::Partition& policies = snapshot_.policies_for(*resolved.request.action);
    Candidates candidates;
    // What consents say, and what was approved, is known of each one for itself.
    const EntityUid& action = *resolved.request.action;
    const bool may_have_approvals =
        !snapshot_.approvals.empty() && pdp::declares_approval(snapshot_, action);
    if (may_have_approvals || pdp::may_have_consents(snapshot_, action)) return Candidates::all();
    for (const cedar::Policy* policy : policies.permits) {
      if (!applies(policy->body->action, *resolved.request.action)) continue;
      candidates.add(finder.of(*policy));
      if (candidates.is_all()) return candidates;
    }
    // What the request says of the other one holds for what is sought, if that is the same.
    const EntityUid& other =
        *(seeks_principal_ ? resolved.request.resource : resolved.request.principal);
    if (other.type == type_) candidates.add(finder.just(other));
    const pdp::Grant* grant = pdp::find_grant(snapshot_, question_.grant);
    if (grant != nullptr && !policies.overrides.empty()) {
      candidates.add(seeks_principal_ ? finder.just(*grant->principal) : finder.in(*grant->target));
    }
    add_delegated(resolved, entities, finder, candidates);
    return candidates;
  }

  /// What may be done with others' rights, and by whom.
  void add_delegated(const pdp::ResolvedRequest& resolved, const cedar::EntityView& entities,
                     CandidateFinder& finder, Candidates& candidates) {
    const cedar::Request& request = resolved.request;
    if (!pdp::declares_delegation(snapshot_, *request.action)) return;
    if (!seeks_principal_) {
      for (const pdp::Delegation& each :
           pdp::delegations_to(snapshot_.delegations, *request.principal)) {
        if (each.delegate == *request.principal) candidates.add(finder.in(each.target));
      }
      return;
    }
    const pdp::Question question{.request = request, .entities = entities, .now = now_};
    for (const pdp::Delegation& each : snapshot_.delegations) {
      if (pdp::covers(each, question)) candidates.add(finder.just(each.delegate));
    }
  }

  bool applies(const cedar::ActionConstraint& scope, const EntityUid& action) const {
    using Op = cedar::ActionConstraint::Op;
    if (scope.op == Op::kAny) return true;
    const cedar::Entity* entity = snapshot_.entities.find(action);
    return std::ranges::any_of(scope.actions, [&](const EntityUid* named) {
      if (*named == action) return true;
      return scope.op == Op::kIn && entity != nullptr &&
             snapshot_.entities.has_ancestor(*entity, *named);
    });
  }

  static std::vector<std::string_view> names_of(const boost::json::object* properties) {
    std::vector<std::string_view> names;
    if (properties == nullptr) return names;
    for (const auto& [name, value] : *properties) names.emplace_back(name);
    return names;
  }

  const pdp::Snapshot& snapshot_;
  std::int64_t now_;
  const pdp::Canary* canary_;
  bool seeks_principal_;
  pdp::AccessRequest question_;
  Arena arena_;
  std::string_view type_;
};

}  // namespace

Result<Found> search(const pdp::Snapshot& snapshot, const Query& query, const Portion& portion,
                     std::int64_t now) {
  const pdp::Caller& caller = *query.access.caller;
  if (!caller.may_search) {
    return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("the caller `{}` may not search; it needs the right `search`", caller.id));
  }
  if (query.sought == Sought::kAction) return search_actions(snapshot, query, portion, now);
  return EntitySearch(snapshot, query, now).run(portion);
}

}  // namespace wardlock::search
