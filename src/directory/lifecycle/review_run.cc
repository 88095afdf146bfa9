#include "directory/lifecycle/review_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

/// Without whom nobody could set things right.
constexpr std::array<std::string_view, 2> kIndispensable = {"Administrator", "SecurityOfficer"};

/// How one person ended up.
enum class Done : std::uint8_t { kNothing, kChanged, kSpared };

Mandate mandate_of(std::string_view tenant, const Finding& finding) {
  return {.tenant = std::string(tenant),
          .actor_type = "Wardlock",
          .actor_id = "review",
          .caller = "wardlock",
          .reason = fmt::format("review: {}, {} {}", finding.kind->name, finding.kind->moment,
                                to_time_text(finding.moment_ms))};
}

bool is_emergency_account(const Thing& person) {
  const auto* const kept = person.document.json().if_contains("isEmergencyAccount");
  return kept != nullptr && kept->is_bool() && kept->get_bool();
}

/// Whether somebody may act now, and prove who they are.
Result<bool> can_act(Edit& edit, const Thing& person) {
  if (person.kind != Kind::kPerson || !is_in_force(person)) return false;
  const auto credentials = TRY(edit.credentials(person.id));
  return std::ranges::any_of(credentials,
                             [&](const Credential& each) { return each.is_good_at(edit.now()); });
}

/// Those who have the role now, by themselves or through groups.
Result<std::set<std::string>> holders_of(Edit& edit, const Thing& role) {
  std::set<std::string> holders;
  std::vector<RelationFilter> waiting = {
      {.relation = Relation::kRoleAssignment, .object = role.id}};
  std::set<std::string> groups;  // whose ids the filters borrow
  while (!waiting.empty()) {
    const RelationFilter filter = waiting.back();
    waiting.pop_back();
    for (const KeptRelation& each : TRY(edit.relations(filter))) {
      if (!each.is_valid_at(edit.now())) continue;
      const Thing holder = TRY(edit.find(each.subject));
      if (!is_in_force(holder)) continue;
      if (holder.kind != Kind::kGroup) {
        holders.insert(holder.id);
      } else if (const auto [group, is_new] = groups.insert(holder.id); is_new) {
        waiting.push_back({.relation = Relation::kMembership, .object = *group});
      }
    }
  }
  return holders;
}

/// Whether nobody else could do what the person does for Wardlock itself.
Result<bool> is_last(Edit& edit, const Thing& person) {
  for (const std::string_view name : kIndispensable) {
    const auto role =
        TRY(edit.find_named("role.displayName", fmt::format("{}{}", kControlPlanePrefix, name)));
    if (!role) continue;
    std::set<std::string> others = TRY(holders_of(edit, *role));
    if (others.erase(person.id) == 0) continue;
    bool has_other = false;
    for (const std::string& id : others) {
      if (has_other) break;
      const Thing other = TRY(edit.find(id));
      has_other = TRY(can_act(edit, other));
    }
    if (!has_other) return true;
  }
  return false;
}

/// Whether all that the person has are roles of Wardlock's own administration, and at least one.
Result<bool> only_administers(Edit& edit, const Thing& person) {
  const auto relations = TRY(edit.relations({.subject = person.id}));
  for (const KeptRelation& each : relations) {
    if (each.relation != Relation::kRoleAssignment) return false;
    const Thing role = TRY(edit.find(each.object));
    if (control_plane_role_of(role).empty()) return false;
  }
  return !relations.empty();
}

/// Has one person go on to a state, unless that must not be by itself.
class Step {
 public:
  Step(Registry& registry, std::string_view tenant, std::string_view state)
      : registry_(registry), tenant_(tenant), state_(state) {}

  Result<Done> take(const Finding& finding) {
    Done done = Done::kNothing;
    const auto written =
        registry_.write(mandate_of(tenant_, finding), [&](Edit& edit) -> Result<void> {
          done = TRY(decide(edit, finding.thing));
          if (done == Done::kChanged) TRY_VOID(edit.set_state(finding.thing, std::nullopt, state_));
          return {};
        });
    if (written) return done;
    // Somebody was faster: it is removed, or in a state from which it does not go on there.
    const ErrorCode code = written.error().code;
    if (code == ErrorCode::kNotFound || code == ErrorCode::kFailedPrecondition) {
      return Done::kNothing;
    }
    return std::unexpected(written.error());
  }

 private:
  Result<Done> decide(Edit& edit, std::string_view id) {
    const Thing person = TRY(edit.find(id));
    const bool is_suspension = state_ == "suspended";
    if (is_suspension && !TRY(only_administers(edit, person))) return Done::kNothing;
    if (is_emergency_account(person) || TRY(is_last(edit, person))) return Done::kSpared;
    return Done::kChanged;
  }

  Registry& registry_;
  std::string_view tenant_;
  std::string_view state_;
};

/// All of one kind, page by page: who changes is found no more.
Result<void> each_finding(const Registry& registry, std::string_view tenant,
                          const ReviewRules& rules, std::string_view kind, std::int64_t now,
                          const std::function<Result<void>(const Finding&)>& visit) {
  ReviewQuery query = whole_review();
  query.kinds = {find_finding_kind(kind)};
  do {
    const ReviewPage page = TRY(review(registry, tenant, rules, query, now));
    for (const Finding& each : page.findings) TRY_VOID(visit(each));
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return {};
}

void count(Done done, std::uint64_t& changed, std::uint64_t& spared) {
  if (done == Done::kChanged) ++changed;
  if (done == Done::kSpared) ++spared;
}

}  // namespace

Result<ReviewOutcome> act_on_findings(Registry& registry, std::string_view tenant,
                                      const ReviewRules& rules, std::int64_t now,
                                      const std::function<bool()>& go_on) {
  ReviewOutcome outcome;
  const auto take = [&](Step& step, const Finding& finding,
                        std::uint64_t& changed) -> Result<void> {
    if (!go_on()) return fail(ErrorCode::kCancelled, "the review was ended before it was done");
    count(TRY(step.take(finding)), changed, outcome.spared);
    return {};
  };
  if (rules.leave_after_contract) {
    Step step(registry, tenant, "left");
    TRY_VOID(each_finding(
        registry, tenant, rules, "contractEnded", now, [&](const Finding& finding) -> Result<void> {
          const std::int64_t due = finding.moment_ms + rules.leave_after_contract->count();
          if (due > now) return {};
          return take(step, finding, outcome.left);
        }));
  }
  if (rules.suspend_dormant_after) {
    ReviewRules stricter = rules;
    stricter.dormant_after = *rules.suspend_dormant_after;
    Step step(registry, tenant, "suspended");
    TRY_VOID(each_finding(registry, tenant, stricter, "dormant", now,
                          [&](const Finding& finding) -> Result<void> {
                            return take(step, finding, outcome.suspended);
                          }));
  }
  outcome.counts = TRY(count_findings(registry, tenant, rules, whole_review(), now));
  return outcome;
}

}  // namespace wardlock::directory
