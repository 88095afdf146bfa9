#include "access/delegation/delegation_desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "access/delegation/delegation_rows.h"
#include "access/delegation/party.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "directory/feed/open_grants.h"
#include "directory/model/moment.h"
#include "directory/registry/read_from.h"
#include "directory/registry/told_event.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Mandate;
using directory::Thing;
using storage::Work;

constexpr std::size_t kMostListed = 500;
/// So many are tended at a time, and others who write come in between.
constexpr std::size_t kBatch = 100;

std::unexpected<Error> unknown_delegation(std::string_view id) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no delegation `{}`", printable(id)));
}

Result<KeptDelegation> delegation_of(Work& work, std::string_view tenant, std::string_view id) {
  auto found = TRY(find_delegation(work, tenant, id));
  if (found) return *std::move(found);
  return unknown_delegation(id);
}

Result<Thing> thing_of(Work& work, std::string_view tenant, std::string_view id,
                       std::string_view what, bool (*is_fit)(const Thing&)) {
  auto thing = TRY(find_party(work, tenant, id));
  if (!thing) {
    return fail(ErrorCode::kNotFound, fmt::format("{} `{}` is not there", what, printable(id)));
  }
  if (is_fit(*thing)) return *std::move(thing);
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("{} is a {} that is `{}`", what, directory::to_string(thing->kind),
                          thing->state));
}

/// Those that stand behind it, itself first. Longer than may be: as long as one more.
Result<std::vector<KeptDelegation>> chain_of(Work& work, std::string_view tenant,
                                             std::string_view id) {
  std::vector<KeptDelegation> chain;
  std::string next(id);
  while (!next.empty() && chain.size() <= kMostDelegationLinks) {
    chain.push_back(TRY(delegation_of(work, tenant, next)));
    next = chain.back().passes_on;
  }
  return chain;
}

std::string entry_of(const KeptDelegation& delegation) {
  boost::json::object entry{{"delegator", delegation.delegator},
                            {"delegate", delegation.delegate},
                            {"target", delegation.target},
                            {"beginsAt", directory::to_time_text(delegation.begins_ms)},
                            {"endsAt", directory::to_time_text(delegation.ends_ms)}};
  if (delegation.end) entry["end"] = to_string(*delegation.end);
  return codec::to_json_text(entry);
}

/// Why one is over that nobody ended; nothing: it is not.
Result<std::optional<DelegationEnd>> end_of(Work& work, const KeptDelegation& delegation,
                                            std::int64_t now) {
  if (delegation.ends_ms <= now) return DelegationEnd::kExpired;
  for (const std::string& each : {delegation.delegator, delegation.delegate}) {
    const auto thing = TRY(find_party(work, delegation.tenant, each));
    if (!thing || !may_be_party(*thing)) return DelegationEnd::kLeft;
  }
  const auto target = TRY(find_party(work, delegation.tenant, delegation.target));
  if (!target || !may_be_target(*target)) return DelegationEnd::kGone;
  return std::nullopt;
}

/// Else one could fill what others' are looked for in.
Result<void> check_room(Work& work, const KeptDelegation& delegation) {
  const UnendedDelegations unended = TRY(count_unended(work, delegation));
  if (unended.alike >= kMostUnendedAlike) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("{} such delegations to the same person are open or waiting: end some",
                            kMostUnendedAlike));
  }
  if (unended.all >= kMostUnended) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("{} delegations of the same delegator are open or waiting: end some",
                            kMostUnended));
  }
  return {};
}

std::string_view action_of(directory::What what) {
  switch (what) {
    case directory::What::kCreated: return "delegate";
    case directory::What::kEnded: return "end_delegation";
    default: return "carry_over";
  }
}

}  // namespace

Result<std::uint64_t> DelegationDesk::tell(Work& work, const Mandate& mandate,
                                           const KeptDelegation& delegation, directory::What what) {
  const std::string terms =
      fmt::format("{} for {} {}, by {} {}", fmt::join(delegation.actions, ", "),
                  directory::to_string(delegation.target_kind), delegation.target,
                  directory::to_string(delegation.delegator_kind), delegation.delegator);
  event::Event event;
  event.kind = event::Kind::kRoleChange;
  event.action = action_of(what);
  event.changed = "delegation";
  event.grant = delegation.id;
  event.grant_expires_at = delegation.ends_ms;
  event.purpose = delegation.purpose;
  if (delegation.end) event.cause = to_string(*delegation.end);
  if (what == directory::What::kChanged) event.cause = "merged";
  (delegation.end ? event.value_before : event.value_after) = terms;
  directory::name_in(event, Kind::kPerson, delegation.delegate);
  directory::name_in(event, delegation.target_kind, delegation.target);
  directory::Journal journal(work, mandate, directory_);
  TRY_VOID(journal.add({what, directory::kOpenDelegationEntry, delegation.id, entry_of(delegation)},
                       event));
  return journal.revision();
}

Result<ChangedDelegation> DelegationDesk::make(const Mandate& mandate, const DelegationWish& wish) {
  ChangedDelegation made;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    made = TRY(make_in(work, mandate, wish));
    return {};
  });
  TRY_VOID(written);
  return made;
}

Result<ChangedDelegation> DelegationDesk::make_in(Work& work, const Mandate& mandate,
                                                  DelegationWish wish) {
  const std::int64_t now = directory_.clock();
  const Thing delegator =
      TRY(thing_of(work, mandate.tenant, wish.delegator, "who delegates", &may_be_party));
  TRY_VOID(check_delegation(wish, delegator.kind, now));
  const Thing delegate =
      TRY(thing_of(work, mandate.tenant, wish.delegate, "the delegate", &may_be_party));
  if (delegate.kind != Kind::kPerson) return invalid("it is delegated to a person");
  if (delegate.id == delegator.id) return invalid("nobody delegates to themselves");
  if (delegate.id == mandate.actor_id) {
    return fail(ErrorCode::kPermissionDenied,
                "nobody delegates to themselves, in another's name neither: somebody else does it");
  }
  wish.delegator = delegator.id;
  std::vector<KeptDelegation> chain;
  if (!wish.passes_on.empty()) {
    chain = TRY(chain_of(work, mandate.tenant, wish.passes_on));
    if (wish.target.empty()) wish.target = chain.front().target;
  }
  if (wish.target.empty() && delegator.kind == Kind::kPatient) wish.target = delegator.id;
  const Thing target =
      TRY(thing_of(work, mandate.tenant, wish.target, "what it is for", &may_be_target));
  wish.target = target.id;
  TRY_VOID(check_delegated_target(delegator.kind, target.kind));
  if (delegator.kind == Kind::kPatient && target.id != delegator.id) {
    return invalid("patients delegate what is theirs: it is for themselves");
  }
  if (!chain.empty()) TRY_VOID(check_passed_on(wish, chain, now));
  const KeptDelegation delegation{.id = directory::new_id(now, directory_),
                                  .tenant = mandate.tenant,
                                  .delegator = delegator.id,
                                  .delegator_kind = delegator.kind,
                                  .delegate = delegate.id,
                                  .target = target.id,
                                  .target_kind = target.kind,
                                  .actions = wish.actions,
                                  .purpose = wish.purpose,
                                  .ticket = wish.ticket,
                                  .words = wish.words,
                                  .may_pass_on = wish.may_pass_on,
                                  .passes_on = wish.passes_on,
                                  .begins_ms = first_moment(wish, now),
                                  .ends_ms = wish.ends_ms,
                                  .made_by = mandate.actor_id,
                                  .made_through = mandate.caller,
                                  .made_ms = now};
  TRY_VOID(check_room(work, delegation));
  TRY_VOID(insert_delegation(work, delegation));
  const std::uint64_t revision = TRY(tell(work, mandate, delegation, directory::What::kCreated));
  return ChangedDelegation{.delegation = delegation, .revision = revision};
}

Result<ChangedDelegation> DelegationDesk::end_in(Work& work, const Mandate& mandate,
                                                 KeptDelegation delegation, DelegationEnd end) {
  for (KeptDelegation& each : TRY(find_passed_on(work, delegation.tenant, delegation.id))) {
    TRY(end_in(work, mandate, std::move(each), DelegationEnd::kCut));
  }
  delegation.ended_ms = directory_.clock();
  delegation.end = end;
  delegation.ended_by = mandate.actor_id;
  TRY_VOID(end_delegation(work, delegation));
  const std::uint64_t revision = TRY(tell(work, mandate, delegation, directory::What::kEnded));
  return ChangedDelegation{.delegation = std::move(delegation), .revision = revision};
}

Result<ChangedDelegation> DelegationDesk::end(const Mandate& mandate, std::string_view id,
                                              DelegationEnd end) {
  ChangedDelegation ended;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    KeptDelegation delegation = TRY(delegation_of(work, mandate.tenant, id));
    if (delegation.is_over_at(directory_.clock())) {
      return fail(ErrorCode::kFailedPrecondition, "the delegation is over");
    }
    ended = TRY(end_in(work, mandate, std::move(delegation), end));
    return {};
  });
  TRY_VOID(written);
  return ended;
}

Result<ChangedDelegation> DelegationDesk::revoke(const Mandate& mandate, std::string_view id) {
  return end(mandate, id, DelegationEnd::kRevoked);
}

Result<ChangedDelegation> DelegationDesk::withdraw(const Mandate& mandate, std::string_view id) {
  return end(mandate, id, DelegationEnd::kUnseen);
}

Result<void> DelegationDesk::carry_over(Work& work, const Mandate& own, KeptDelegation delegation) {
  const auto delegator = TRY(find_party(work, delegation.tenant, delegation.delegator));
  const auto target = TRY(find_party(work, delegation.tenant, delegation.target));
  if (!delegator || !target) return {};
  if (delegator->id == delegation.delegator && target->id == delegation.target) return {};
  delegation.delegator = delegator->id;
  delegation.target = target->id;
  TRY_VOID(carry_delegation(work, delegation));
  TRY(tell(work, own, delegation, directory::What::kChanged));
  return {};
}

Result<std::size_t> DelegationDesk::tend(const Mandate& own, const std::function<bool()>& go_on) {
  std::size_t ended = 0;
  std::string after;
  for (;;) {
    if (!go_on()) return fail(ErrorCode::kCancelled, "delegations are tended elsewhere");
    const std::int64_t now = directory_.clock();
    // Looked for without holding up those who write.
    const auto due = TRY(directory::read_from<std::vector<KeptDelegation>>(store_, [&](Work& work) {
      return find_due_delegations(work, own.tenant, now, after, kBatch);
    }));
    if (due.empty()) return ended;
    after = due.back().id;
    std::size_t some = 0;
    const auto written = store_.write([&](Work& work) -> Result<void> {
      some = 0;
      for (const KeptDelegation& each : due) {
        auto kept = TRY(find_delegation(work, own.tenant, each.id));
        if (!kept || kept->ended_ms) continue;  // meanwhile, or with another
        const auto why = TRY(end_of(work, *kept, now));
        if (!why) {
          TRY_VOID(carry_over(work, own, *std::move(kept)));
          continue;
        }
        TRY(end_in(work, own, *std::move(kept), *why));
        ++some;
      }
      return {};
    });
    TRY_VOID(written);
    ended += some;
  }
}

Result<Thing> DelegationDesk::find_named(std::string_view tenant, Kind kind,
                                         std::string_view name) const {
  return directory::read_from<Thing>(
      store_, [&](Work& work) { return find_party(work, tenant, kind, name); });
}

Result<KeptDelegation> DelegationDesk::find(std::string_view tenant, std::string_view id) const {
  return directory::read_from<KeptDelegation>(
      store_, [&](Work& work) { return delegation_of(work, tenant, id); });
}

Result<std::vector<KeptDelegation>> DelegationDesk::about(std::string_view tenant,
                                                          std::string_view thing,
                                                          std::string_view before,
                                                          std::size_t most) const {
  return directory::read_from<std::vector<KeptDelegation>>(store_, [&](Work& work) {
    return find_delegations_about(work, tenant, thing, before, std::min(most, kMostListed));
  });
}

}  // namespace wardlock::access
