#include "access/grant/glass_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "access/grant/glass_notices.h"
#include "access/grant/glass_rows.h"
#include "access/grant/glass_target.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "directory/feed/open_grants.h"
#include "directory/model/moment.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Mandate;
using directory::Thing;
using storage::Work;

/// HL7 v3 ActReason: break the glass.
constexpr std::string_view kPurpose = "BTG";
constexpr std::size_t kMostListed = 500;
/// So many are tended at a time, and others who write come in between.
constexpr std::size_t kBatch = 100;
/// So far may clocks of nodes differ.
constexpr std::int64_t kSkew = kGlassMinute;

Result<void> check_person(Work& work, const Mandate& mandate) {
  const auto person = TRY(directory::find_thing(work, mandate.tenant, mandate.actor_id));
  if (person && person->kind == Kind::kPerson && directory::is_in_force(*person)) return {};
  return fail(ErrorCode::kPermissionDenied, "the glass is broken by people at work, by themselves");
}

Result<Thing> target_of(Work& work, std::string_view tenant, std::string_view id) {
  auto target = TRY(find_glass_target(work, tenant, id));
  if (!target) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no patient and no device `{}`", printable(id)));
  }
  if (directory::is_in_force(*target)) return *std::move(target);
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the {} is `{}`, and no grant helps: register them again",
                          directory::to_string(target->kind), target->state));
}

Result<GlassGrant> grant_of(Work& work, const Mandate& mandate, std::string_view id) {
  auto grant = TRY(find_grant(work, mandate.tenant, id));
  if (grant) return *std::move(grant);
  return fail(ErrorCode::kNotFound, fmt::format("there is no grant `{}`", printable(id)));
}

Result<void> check_open(const GlassGrant& grant, std::int64_t now) {
  if (grant.is_open_at(now)) return {};
  return fail(ErrorCode::kFailedPrecondition, "the grant is over; open another");
}

/// Those of others are as unknown as if they were not there.
Result<void> check_own(const GlassGrant& grant, const Mandate& mandate) {
  if (grant.person == mandate.actor_id) return {};
  return fail(ErrorCode::kNotFound, "there is no grant of yours with this id");
}

event::Event event_of(const GlassGrant& grant) {
  event::Event event;
  event.grant = grant.id;
  event.grant_expires_at = grant.expires_ms;
  event.purpose = kPurpose;
  return event;
}

std::string entry_of(const GlassGrant& grant) {
  boost::json::object entry{{"person", grant.person},
                            {"target", grant.target},
                            {"opensAt", directory::to_time_text(grant.opened_ms)},
                            {"expiresAt", directory::to_time_text(grant.expires_ms)},
                            {"escalated", grant.is_escalated}};
  if (grant.end) entry["end"] = to_string(*grant.end);
  return codec::to_json_text(entry);
}

directory::What what_of(GlassStep step) {
  switch (step) {
    case GlassStep::kOpen: return directory::What::kCreated;
    case GlassStep::kEnd: return directory::What::kEnded;
    default: return directory::What::kChanged;
  }
}

}  // namespace

Result<std::uint64_t> GlassDesk::tell(Work& work, const Mandate& mandate, const GlassGrant& grant,
                                      const Told& told) {
  const bool is_own = grant.person == mandate.actor_id;
  TRY_VOID(add_glass_step(work, grant, told.step, mandate.actor_id, told.reason, told.words,
                          surroundings_.directory.clock()));
  event::Event event = event_of(grant);
  event.kind = told.kind;
  event.action = told.action;
  event.cause = told.reason;
  if (is_own) event.grant_reason = told.words;
  const std::vector<std::string_view> methods(grant.proof.methods.begin(),
                                              grant.proof.methods.end());
  if (is_own && told.kind != event::Kind::kOverrideEnd) {
    event.session = grant.proof.session;
    event.authentication_level = grant.proof.level;
    event.authentication_methods = methods;
    event.authentication_time = grant.proof.authenticated_ms;
  }
  if (told.step == GlassStep::kOpen) {
    event.count = static_cast<std::int64_t>(grant.in_shift);
    if (grant.is_escalated) event.changed = "escalated";
  }
  if (!is_own) directory::name_in(event, Kind::kPerson, grant.person);
  directory::name_in(event, grant.target_kind, grant.target);
  directory::Journal journal(work, mandate, surroundings_.directory);
  TRY_VOID(journal.add({what_of(told.step), directory::kOpenGrantEntry, grant.id, entry_of(grant)},
                       event));
  return journal.revision();
}

Result<ChangedGlass> GlassDesk::open(const Mandate& mandate, const GlassProof& proof,
                                     std::string_view target, const GlassWish& wish) {
  TRY_VOID(check_wish(wish, rules()));
  TRY_VOID(check_proof(proof, rules(), surroundings_.directory.clock()));
  ChangedGlass opened;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    opened = TRY(open_in(work, mandate, proof, target, wish));
    return {};
  });
  TRY_VOID(written);
  return opened;
}

Result<ChangedGlass> GlassDesk::open_in(Work& work, const Mandate& mandate, const GlassProof& proof,
                                        std::string_view target, const GlassWish& wish) {
  TRY_VOID(check_person(work, mandate));
  const Thing thing = TRY(target_of(work, mandate.tenant, target));
  const std::int64_t now = surroundings_.directory.clock();
  auto open = TRY(find_open_grant(work, mandate.tenant, mandate.actor_id, thing.id, now));
  if (open) return renew_in(work, mandate, proof, *std::move(open), wish);
  const std::size_t in_shift =
      1 + TRY(count_grants_since(work, mandate.tenant, mandate.actor_id, now - rules().shift_ms));
  const bool is_escalated = in_shift > rules().per_shift;
  const GlassReason& reason = *rules().find(wish.reason);
  const GlassGrant grant{.id = directory::new_id(now, surroundings_.directory),
                         .tenant = mandate.tenant,
                         .person = mandate.actor_id,
                         .target = thing.id,
                         .target_kind = thing.kind,
                         .reason = wish.reason,
                         .words = wish.words,
                         .actions = reason.actions,
                         .waives = reason.waives,
                         .opened_ms = now,
                         .expires_ms = first_end(wish, rules(), now),
                         .in_shift = in_shift,
                         .is_escalated = is_escalated,
                         .review_due_ms = review_due(now, is_escalated, rules()),
                         .proof = proof,
                         .caller = mandate.caller};
  TRY_VOID(insert_grant(work, grant));
  // Whom it concerns is found out behind it: an emergency does not wait for that.
  if (surroundings_.messages != nullptr && surroundings_.messages->settings().has_notices) {
    TRY_VOID(insert_untold(work, grant));
  }
  const std::uint64_t revision = TRY(tell(work, mandate, grant,
                                          {.step = GlassStep::kOpen,
                                           .kind = event::Kind::kOverrideStart,
                                           .action = "break_glass",
                                           .reason = grant.reason,
                                           .words = grant.words}));
  return ChangedGlass{.grant = grant, .revision = revision};
}

Result<ChangedGlass> GlassDesk::renew(const Mandate& mandate, const GlassProof& proof,
                                      std::string_view id, const GlassWish& wish) {
  TRY_VOID(check_wish(wish, rules()));
  TRY_VOID(check_proof(proof, rules(), surroundings_.directory.clock()));
  ChangedGlass renewed;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    GlassGrant grant = TRY(grant_of(work, mandate, id));
    TRY_VOID(check_own(grant, mandate));
    TRY_VOID(check_open(grant, surroundings_.directory.clock()));
    TRY_VOID(check_person(work, mandate));
    renewed = TRY(renew_in(work, mandate, proof, std::move(grant), wish));
    return {};
  });
  TRY_VOID(written);
  return renewed;
}

Result<ChangedGlass> GlassDesk::renew_in(Work& work, const Mandate& mandate,
                                         const GlassProof& proof, GlassGrant grant,
                                         const GlassWish& wish) {
  const std::int64_t end = TRY(renewed_end(grant.opened_ms, grant.expires_ms, wish, rules(),
                                           surroundings_.directory.clock()));
  const GlassReason& reason = *rules().find(wish.reason);
  if (end != grant.expires_ms) grant.is_warned = false;
  grant.expires_ms = end;
  grant.reason = wish.reason;
  grant.words = wish.words;
  grant.actions = reason.actions;
  grant.waives = reason.waives;
  grant.proof = proof;
  grant.caller = mandate.caller;
  TRY_VOID(replace_grant(work, grant));
  const std::uint64_t revision = TRY(tell(work, mandate, grant,
                                          {.step = GlassStep::kRenew,
                                           .kind = event::Kind::kOverrideChange,
                                           .action = "renew",
                                           .reason = grant.reason,
                                           .words = grant.words}));
  return ChangedGlass{.grant = std::move(grant), .revision = revision};
}

Result<ChangedGlass> GlassDesk::end_in(Work& work, const Mandate& mandate, GlassGrant grant,
                                       GlassEnd end) {
  grant.ended_ms = surroundings_.directory.clock();
  grant.end = end;
  TRY_VOID(replace_grant(work, grant));
  const std::uint64_t revision = TRY(tell(work, mandate, grant,
                                          {.step = GlassStep::kEnd,
                                           .kind = event::Kind::kOverrideEnd,
                                           .action = "end",
                                           .reason = to_string(end),
                                           .words = mandate.reason}));
  return ChangedGlass{.grant = std::move(grant), .revision = revision};
}

Result<ChangedGlass> GlassDesk::end(const Mandate& mandate, std::string_view id) {
  ChangedGlass ended;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    GlassGrant grant = TRY(grant_of(work, mandate, id));
    TRY_VOID(check_own(grant, mandate));
    TRY_VOID(check_open(grant, surroundings_.directory.clock()));
    ended = TRY(end_in(work, mandate, std::move(grant), GlassEnd::kEnded));
    return {};
  });
  TRY_VOID(written);
  return ended;
}

Result<ChangedGlass> GlassDesk::revoke(const Mandate& mandate, std::string_view id) {
  if (mandate.reason.empty()) return invalid("say why: its person and its reviewer want to know");
  ChangedGlass ended;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    GlassGrant grant = TRY(grant_of(work, mandate, id));
    TRY_VOID(check_open(grant, surroundings_.directory.clock()));
    ended = TRY(end_in(work, mandate, std::move(grant), GlassEnd::kRevoked));
    return {};
  });
  TRY_VOID(written);
  return ended;
}

Result<ChangedGlass> GlassDesk::withdraw(const Mandate& mandate, std::string_view id) {
  ChangedGlass ended;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    GlassGrant grant = TRY(grant_of(work, mandate, id));
    TRY_VOID(check_open(grant, surroundings_.directory.clock()));
    ended = TRY(end_in(work, mandate, std::move(grant), GlassEnd::kUnseen));
    return {};
  });
  TRY_VOID(written);
  return ended;
}

Result<void> GlassDesk::tend_one(Work& work, const Mandate& own, GlassGrant grant,
                                 GlassTending& done) {
  const std::int64_t now = surroundings_.directory.clock();
  const auto person = TRY(directory::find_thing(work, grant.tenant, grant.person));
  const auto target = TRY(find_glass_target(work, grant.tenant, grant.target));
  std::optional<GlassEnd> end;
  if (grant.expires_ms <= now) {
    end = GlassEnd::kExpired;
  } else if (grant.opened_ms > now + kSkew) {
    end = GlassEnd::kClock;
  } else if (!person || !directory::is_in_force(*person)) {
    end = GlassEnd::kLeft;
  } else if (!target || target->state == "archived" || target->state == "retired") {
    end = GlassEnd::kGone;
  }
  if (end) {
    TRY(end_in(work, own, std::move(grant), *end));
    ++done.ended;
    return {};
  }
  if (target->id != grant.target) {
    grant.target = target->id;
    TRY_VOID(replace_grant(work, grant));
    TRY(tell(work, own, grant,
             {.step = GlassStep::kCarryOver,
              .kind = event::Kind::kOverrideChange,
              .action = "carry_over",
              .reason = "merged",
              .words = {}}));
    ++done.carried_over;
  }
  if (grant.is_warned || grant.expires_ms > now + rules().warn_before_ms) return {};
  grant.is_warned = true;
  TRY_VOID(replace_grant(work, grant));
  if (surroundings_.messages != nullptr) {
    TRY_VOID(tell_of_end(work, *surroundings_.messages, grant, now));
  }
  TRY(tell(work, own, grant,
           {.step = GlassStep::kWarn,
            .kind = event::Kind::kOverrideChange,
            .action = "warn",
            .reason = "expires",
            .words = {}}));
  ++done.warned;
  return {};
}

Result<std::size_t> GlassDesk::tell_opened(std::string_view tenant,
                                           const std::function<bool()>& go_on) {
  if (surroundings_.messages == nullptr) return std::size_t{0};
  std::size_t told = 0;
  Result<void> failed;
  std::string after;
  for (;;) {
    const auto some = TRY(directory::read_from<std::vector<GlassGrant>>(
        surroundings_.store, [&](Work& work) { return find_untold(work, tenant, after, kBatch); }));
    for (const GlassGrant& grant : some) {
      if (!go_on()) return fail(ErrorCode::kCancelled, "grants are told of elsewhere");
      after = grant.id;
      auto done = tell_one(grant);
      if (done) ++told;
      if (!done) failed = std::move(done);  // the others are told all the same
    }
    if (some.size() < kBatch) break;
  }
  if (!failed) return std::unexpected(failed.error());
  return told;
}

Result<void> GlassDesk::tell_one(const GlassGrant& grant) {
  // Looked for without holding up those who write.
  const auto audience = TRY(directory::read_from<GlassAudience>(
      surroundings_.store, [&](Work& work) { return find_audience(work, grant, rules().tells); }));
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    if (!TRY(remove_untold(work, grant))) return {};  // by another node
    return tell_of_opened(work, *surroundings_.messages, grant, audience);
  });
}

Result<GlassTending> GlassDesk::tend(const Mandate& own, const std::function<bool()>& go_on) {
  GlassTending all;
  for (;;) {
    if (!go_on()) return fail(ErrorCode::kCancelled, "break-glass grants are tended elsewhere");
    const std::int64_t now = surroundings_.directory.clock();
    const auto read_due = [&](Work& work) {
      return find_due(work, own.tenant, now, rules().warn_before_ms, now + kSkew, kBatch);
    };
    // Looked for without holding up those who write.
    const auto waiting =
        TRY(directory::read_from<std::vector<GlassGrant>>(surroundings_.store, read_due));
    if (waiting.empty()) return all;
    GlassTending some;
    const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
      some = {};
      for (GlassGrant& each : TRY(read_due(work))) {
        TRY_VOID(tend_one(work, own, std::move(each), some));
      }
      return {};
    });
    TRY_VOID(written);
    all.ended += some.ended;
    all.warned += some.warned;
    all.carried_over += some.carried_over;
  }
}

Result<Thing> GlassDesk::find_target(std::string_view tenant, Kind kind,
                                     std::string_view name) const {
  return directory::read_from<Thing>(
      surroundings_.store, [&](Work& work) { return find_glass_target(work, tenant, kind, name); });
}

Result<GlassStory> GlassDesk::story(std::string_view tenant, std::string_view id) const {
  return directory::read_from<GlassStory>(
      surroundings_.store, [&](Work& work) -> Result<GlassStory> {
        auto grant = TRY(find_grant(work, tenant, id));
        if (!grant) {
          return fail(ErrorCode::kNotFound, fmt::format("there is no grant `{}`", printable(id)));
        }
        auto steps = TRY(find_glass_steps(work, tenant, id));
        return GlassStory{.grant = *std::move(grant), .steps = std::move(steps)};
      });
}

Result<std::vector<GlassGrant>> GlassDesk::of_person(std::string_view tenant,
                                                     std::string_view person,
                                                     std::string_view before,
                                                     std::size_t most) const {
  return directory::read_from<std::vector<GlassGrant>>(surroundings_.store, [&](Work& work) {
    return find_grants_of(work, tenant, person, before, std::min(most, kMostListed));
  });
}

Result<std::vector<GlassGrant>> GlassDesk::unended(std::string_view tenant, std::string_view after,
                                                   std::size_t most) const {
  return directory::read_from<std::vector<GlassGrant>>(surroundings_.store, [&](Work& work) {
    return find_unended(work, tenant, after, std::min(most, kMostListed));
  });
}

}  // namespace wardlock::access
