// What is done with a session's token: taken, changed, locked, unlocked.
#include <algorithm>
#include <chrono>
#include <utility>

#include "authn/session/sessions_state.h"

namespace wardlock::authn {
namespace {

using storage::Work;

std::int64_t ms(std::chrono::seconds time) { return std::chrono::milliseconds(time).count(); }

bool is_good(TokenMatch match) {
  return match == TokenMatch::kCurrent || match == TokenMatch::kBefore;
}

/// As much as unlocking leaves of it.
Assurance unlocked(Assurance assurance) {
  assurance.level = std::min(assurance.level, AssuranceLevel::kAal2);
  assurance.methods =
      methods_of(method_bits(assurance.methods) | method_bits({std::string("pin")}));
  return assurance;
}

/// The last of a person's sessions that are locked at the workstation.
std::optional<SessionRecord> last_locked(std::vector<SessionRecord> all,
                                         const SessionSettings& settings,
                                         std::string_view workstation, std::int64_t now_ms) {
  std::optional<SessionRecord> last;
  for (SessionRecord& each : all) {
    const auto* environment = find_environment(settings, each.session.environment);
    if (environment == nullptr || each.session.workstation != workstation) continue;
    if (standing_of(each.session, *environment, settings, now_ms) != Standing::kLocked) continue;
    each.session.is_locked = true;
    last = std::move(each);
  }
  return last;
}

}  // namespace

Result<SessionRecord> Sessions::State::change(const ReadToken& token, std::int64_t now_ms,
                                              const Change& change) {
  std::optional<SessionRecord> record;
  const auto written = store.write([&](Work& work) -> Result<void> {
    record = TRY(find_session_row(work, id_text(token.id)));
    if (!record || record->ended_ms) return no_session();
    const auto* environment = find_environment(settings, record->session.environment);
    if (environment == nullptr) return no_session();
    if (!is_good(match_of(record->hashes, record->rotated_ms, settings, token, now_ms))) {
      return no_session();
    }
    // It may have been used here since the row was written.
    if (const auto here = live.find(token.id, now_ms)) {
      record->session.idle_until_ms =
          std::max(record->session.idle_until_ms, here->first.idle_until_ms);
    }
    if (standing_of(record->session, *environment, settings, now_ms) != Standing::kOpen) {
      return no_session();
    }
    TRY_VOID(change(*record));
    if (!TRY(replace_session(work, *record))) return no_session();
    return {};
  });
  TRY_VOID(written);
  take_over(*record);
  return *std::move(record);
}

Result<OpenedSession> Sessions::State::rotate(std::string_view token, std::int64_t now_ms,
                                              const Change& change) {
  const auto read = read_token(token);
  if (!read) return no_session();
  Secret next;
  auto changed = this->change(*read, now_ms, [&](SessionRecord& row) -> Result<void> {
    TRY_VOID(change(row));
    next = next_session_token(token, surroundings.fill_random, row.hashes);
    row.rotated_ms = now_ms;
    return {};
  });
  TRY_VOID(changed);
  return OpenedSession{std::move(changed->session), std::move(next)};
}

Result<TakenSession> Sessions::take(std::string_view token, std::int64_t now_ms) {
  const auto read = read_token(token);
  if (!read) return no_session();
  auto found = state_->live.match(*read, now_ms, /*is_use=*/true);
  const bool is_clear =
      found && (found->match == TokenMatch::kForeign ||
                (is_good(found->match) &&
                 (found->standing == Standing::kOpen || found->standing == Standing::kLocked)));
  if (!is_clear) {
    // Another node may have opened it, changed its token, or seen it used.
    const auto known = state_->reload(read->id);
    if (!known)
      return is_database_down(known.error()) ? no_session() : std::unexpected(known.error());
    found = state_->live.match(*read, now_ms, /*is_use=*/true);
  }
  if (!found || found->match == TokenMatch::kForeign) return no_session();
  if (found->match == TokenMatch::kOld) {
    TRY(end(found->session.tenant, found->session.id, EndReason::kReuse, now_ms));
    return no_session();
  }
  if (found->standing == Standing::kLocked) {
    found->session.is_locked = true;
    return TakenSession{std::move(found->session), std::nullopt};
  }
  if (found->standing != Standing::kOpen) return no_session();
  const bool is_due = found->match == TokenMatch::kCurrent && !found->is_without_database &&
                      now_ms - found->rotated_ms >= ms(state_->settings.rotate_after);
  if (!is_due) return TakenSession{std::move(found->session), std::nullopt};
  bool was_first = true;
  auto changed = state_->rotate(token, now_ms, [&](SessionRecord& record) -> Result<void> {
    // Of requests at the same time the first has changed it.
    was_first = now_ms - record.rotated_ms >= ms(state_->settings.rotate_after);
    return was_first ? Result<void>() : fail(ErrorCode::kAborted, "it was changed meanwhile");
  });
  if (changed) return TakenSession{std::move(changed->session), std::move(changed->token)};
  if (was_first && !is_database_down(changed.error())) return std::unexpected(changed.error());
  return TakenSession{std::move(found->session), std::nullopt};
}

Result<OpenedSession> Sessions::step_up(std::string_view token, const Assurance& added,
                                        std::span<const std::string> authenticators,
                                        std::int64_t now_ms) {
  return state_->rotate(token, now_ms, [&](SessionRecord& record) -> Result<void> {
    Session& session = record.session;
    session.assurance = stepped_up(session.assurance, added);
    for (const std::string& each : authenticators) {
      if (std::ranges::find(session.authenticators, each) == session.authenticators.end()) {
        session.authenticators.push_back(each);
      }
    }
    const auto& settings = state_->settings;
    const auto* environment = find_environment(settings, session.environment);
    const auto limits = limits_of(settings, *environment, session.assurance.level);
    // What was shown is fresh; a session never lasts longer than its beginning and its level say.
    session.ends_ms = std::min(session.ends_ms, session.started_ms + ms(limits.overall));
    session.idle_until_ms =
        idle_until(settings, *environment, session.assurance.level, session.ends_ms, now_ms);
    if (now_ms >= session.ends_ms) return no_session();
    return {};
  });
}

Result<void> Sessions::lock(std::string_view token, std::int64_t now_ms) {
  const auto read = read_token(token);
  if (!read) return no_session();
  const auto locked = state_->change(*read, now_ms, [&](SessionRecord& record) -> Result<void> {
    const auto* environment = find_environment(state_->settings, record.session.environment);
    if (!environment->locks) {
      return fail(ErrorCode::kFailedPrecondition,
                  "sessions are not locked here; end it, and sign in again");
    }
    record.session.is_locked = true;
    record.unlock_failures = 0;
    return {};
  });
  if (!locked) return std::unexpected(locked.error());
  return {};
}

Result<std::optional<Session>> Sessions::find_locked(std::string_view tenant,
                                                     std::string_view person,
                                                     std::string_view workstation,
                                                     std::int64_t now_ms) const {
  if (workstation.empty()) return std::nullopt;
  std::optional<Session> found;
  const auto read = state_->store.read([&](Work& work) -> Result<void> {
    found.reset();
    auto last = last_locked(TRY(find_sessions_of(work, tenant, person)), state_->settings,
                            workstation, now_ms);
    if (last) found = std::move(last->session);
    return {};
  });
  TRY_VOID(read);
  return found;
}

Result<OpenedSession> Sessions::unlock(std::string_view tenant, std::string_view person,
                                       std::string_view workstation, std::int64_t now_ms) {
  if (workstation.empty()) return no_session();
  std::optional<SessionRecord> record;
  Secret token;
  const auto& settings = state_->settings;
  const auto written = state_->store.write([&](Work& work) -> Result<void> {
    record =
        last_locked(TRY(find_sessions_of(work, tenant, person)), settings, workstation, now_ms);
    if (!record) return no_session();
    Session& session = record->session;
    const auto* environment = find_environment(settings, session.environment);
    session.assurance = unlocked(std::move(session.assurance));
    session.is_locked = false;
    session.idle_until_ms =
        idle_until(settings, *environment, session.assurance.level, session.ends_ms, now_ms);
    record->unlock_failures = 0;
    record->rotated_ms = now_ms;
    // A family of its own: who still has a token from before has none of this session.
    token =
        new_session_token(*id_bytes(session.id), state_->surroundings.fill_random, record->hashes);
    if (!TRY(replace_session(work, *record))) return no_session();
    return {};
  });
  TRY_VOID(written);
  state_->take_over(*record);
  return OpenedSession{std::move(record->session), std::move(token)};
}

Result<bool> Sessions::note_failed_unlock(std::string_view tenant, std::string_view person,
                                          std::string_view workstation, std::int64_t now_ms) {
  std::optional<SessionRecord> record;
  bool is_over = false;
  const auto written = state_->store.write([&](Work& work) -> Result<void> {
    record = last_locked(TRY(find_sessions_of(work, tenant, person)), state_->settings, workstation,
                         now_ms);
    is_over = false;
    if (!record) return {};
    is_over = ++record->unlock_failures >= state_->settings.unlock_tries;
    TRY(replace_session(work, *record));
    if (is_over) {
      TRY(end_session(work, tenant, record->session.id, EndReason::kUnlockTries, now_ms));
    }
    return {};
  });
  TRY_VOID(written);
  if (!record) return false;
  if (is_over) {
    state_->drop({record->session}, EndReason::kUnlockTries);
  } else {
    state_->take_over(*record);
  }
  return !is_over;
}

}  // namespace wardlock::authn
