#include <utility>

#include "authn/session/sessions_state.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::size_t kBatch = 500;

}  // namespace

std::size_t Sessions::State::end_in_memory(const Ending& ending, const Wanted& is_wanted,
                                           bool is_pending) {
  const auto found = live.select(
      [&](const LiveSessions::Seen& each) {
        return (is_pending || each.is_without_database) && each.session.tenant == ending.tenant &&
               is_wanted(each.session);
      },
      ending.now_ms);
  std::vector<Session> ended;
  for (const LiveSessions::Seen& each : found) {
    ended.push_back(each.session);
    if (each.is_without_database) continue;
    const std::scoped_lock lock(pending_mutex);
    pending.push_back({each.session.id, ending});
  }
  drop(ended, ending.reason);
  return ended.size();
}

Result<std::size_t> Sessions::State::end_found(const Ending& ending, const Find& find,
                                               const Wanted& is_wanted) {
  std::vector<Session> ended;
  const auto written = store.write([&](Work& work) -> Result<void> {
    ended.clear();
    for (SessionRecord& each : TRY(find(work))) {
      if (!is_wanted(each.session)) continue;
      TRY(end_session(work, ending.tenant, each.session.id, ending.reason, ending.now_ms));
      ended.push_back(std::move(each.session));
    }
    return {};
  });
  if (!written) {
    // What must end does so here at once, and everywhere when the database is back.
    if (is_database_down(written.error())) end_in_memory(ending, is_wanted, /*is_pending=*/true);
    return std::unexpected(written.error());
  }
  drop(ended, ending.reason);
  return ended.size() + end_in_memory(ending, is_wanted, /*is_pending=*/false);
}

Result<bool> Sessions::end(std::string_view tenant, std::string_view id, EndReason reason,
                           std::int64_t now_ms) {
  const auto find = [&](Work& work) -> Result<std::vector<SessionRecord>> {
    std::vector<SessionRecord> found;
    auto row = TRY(find_session_row(work, id));
    if (row && !row->ended_ms && row->session.tenant == tenant) found.push_back(*std::move(row));
    return found;
  };
  return TRY(state_->end_found({.tenant = std::string(tenant), .reason = reason, .now_ms = now_ms},
                               find, [&](const Session& session) { return session.id == id; })) !=
         0;
}

Result<std::optional<Session>> Sessions::end_by_token(std::string_view token, EndReason reason,
                                                      std::int64_t now_ms) {
  const auto read = read_token(token);
  if (!read) return std::nullopt;
  auto found = state_->live.match(*read, now_ms, /*is_use=*/false);
  if (!found) {
    TRY(state_->reload(read->id));
    found = state_->live.match(*read, now_ms, /*is_use=*/false);
  }
  if (!found || found->match == TokenMatch::kForeign) return std::nullopt;
  TRY(end(found->session.tenant, found->session.id, reason, now_ms));
  return std::move(found->session);
}

Result<std::size_t> Sessions::end_of_person(std::string_view tenant, std::string_view person,
                                            EndReason reason, std::int64_t now_ms,
                                            std::string_view but) {
  return state_->end_found(
      {.tenant = std::string(tenant), .reason = reason, .now_ms = now_ms},
      [&](Work& work) { return find_sessions_of(work, tenant, person); },
      [&](const Session& session) { return session.person == person && session.id != but; });
}

Result<std::size_t> Sessions::end_of_tenant(std::string_view tenant, EndReason reason,
                                            std::int64_t now_ms) {
  std::size_t all = 0;
  std::size_t some = 0;
  do {
    some = TRY(state_->end_found(
        {.tenant = std::string(tenant), .reason = reason, .now_ms = now_ms},
        [&](Work& work) { return find_sessions_of_tenant(work, tenant, kBatch); },
        [](const Session&) { return true; }));
    all += some;
  } while (some != 0);
  return all;
}

Result<std::size_t> Sessions::end_resting_on(std::string_view tenant, std::string_view person,
                                             std::string_view authenticator, std::int64_t now_ms) {
  return state_->end_found(
      {.tenant = std::string(tenant), .reason = EndReason::kAuthenticator, .now_ms = now_ms},
      [&](Work& work) { return find_sessions_of(work, tenant, person); },
      [&](const Session& session) {
        return session.person == person &&
               std::ranges::find(session.authenticators, authenticator) !=
                   session.authenticators.end();
      });
}

Result<std::size_t> Sessions::person_ended(std::string_view tenant, std::string_view person,
                                           std::int64_t now_ms) {
  return end_of_person(tenant, person, EndReason::kPersonEnded, now_ms);
}

}  // namespace wardlock::authn
