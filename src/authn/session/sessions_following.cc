#include <chrono>
#include <unordered_set>
#include <utility>

#include "authn/session/sessions_state.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::size_t kBatch = 500;
/// What ended stays so long as rows, for other nodes to find; who could not follow for half of that
/// reads everything.
constexpr std::int64_t kEndedKeptMs = 60 * 60 * 1000;

/// Of one that is over.
EndReason reason_of(const Session& session) {
  return session.idle_until_ms < session.ends_ms ? EndReason::kIdle : EndReason::kOverall;
}

}  // namespace

void Sessions::State::take_over(const SessionRecord& record, bool is_without_database) {
  const std::scoped_lock lock(following);
  live.put(record, is_without_database);
}

void Sessions::State::drop(const std::vector<Session>& ended, EndReason reason) {
  {
    const std::scoped_lock lock(following);
    for (const Session& each : ended) {
      if (const auto id = id_bytes(each.id)) live.erase(*id);
    }
  }
  if (!surroundings.ended) return;
  for (const Session& each : ended) surroundings.ended(each, reason);
}

Result<void> Sessions::State::read_all() {
  std::unordered_set<std::string> ids;
  std::uint64_t latest = 0;
  const auto read = store.read([&](Work& work) -> Result<void> {
    ids.clear();
    latest = TRY(read_latest_change(work));
    return each_live_session(work, [&](SessionRecord record) {
      ids.insert(record.session.id);
      live.put(record);
    });
  });
  TRY_VOID(read);
  live.keep_only([&](const IdBytes& id) { return ids.contains(id_text(id)); });
  seen = latest;
  return {};
}

Result<void> Sessions::State::follow() {
  TRY_VOID(write_pending());
  const std::scoped_lock lock(following);
  const std::int64_t now = steady_ms();
  if (followed_ms == 0 || now - followed_ms > kEndedKeptMs / 2) {
    TRY_VOID(read_all());
    followed_ms = now;
    return {};
  }
  std::vector<SessionRecord> news;
  do {
    const auto read = store.read([&](Work& work) -> Result<void> {
      news = TRY(find_changed_sessions(work, seen, kBatch));
      return {};
    });
    TRY_VOID(read);
    for (const SessionRecord& each : news) {
      live.put(each);
      seen = each.changed;
    }
  } while (news.size() == kBatch);
  followed_ms = now;
  return {};
}

Result<bool> Sessions::State::reload(const IdBytes& id) {
  const std::scoped_lock lock(following);
  std::optional<SessionRecord> record;
  const auto read = store.read([&](Work& work) -> Result<void> {
    record = TRY(find_session_row(work, id_text(id)));
    return {};
  });
  TRY_VOID(read);
  if (!record) return false;
  live.put(*record);
  return !record->ended_ms;
}

Result<void> Sessions::State::write_pending() {
  std::vector<Pending> waiting;
  {
    const std::scoped_lock lock(pending_mutex);
    waiting.swap(pending);
  }
  if (waiting.empty()) return {};
  auto written = store.write([&](Work& work) -> Result<void> {
    for (const Pending& each : waiting) {
      TRY(end_session(work, each.ending.tenant, each.id, each.ending.reason, each.ending.now_ms));
    }
    return {};
  });
  if (!written) {
    const std::scoped_lock lock(pending_mutex);
    pending.insert(pending.end(), waiting.begin(), waiting.end());
  }
  return written;
}

Result<void> Sessions::State::write_uses() {
  auto uses = live.take_uses();
  while (!uses.empty()) {
    const std::size_t count = std::min(uses.size(), kBatch);
    const auto written = store.write([&](Work& work) -> Result<void> {
      for (std::size_t i = 0; i < count; ++i) {
        TRY_VOID(extend_session(work, uses[i].first, uses[i].second));
      }
      return {};
    });
    if (!written) {
      live.put_back(uses);
      return written;
    }
    uses.erase(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return {};
}

Result<void> Sessions::State::end_over_rows(const std::vector<LiveSessions::Seen>& over,
                                            std::int64_t now_ms) {
  std::vector<std::pair<Session, EndReason>> ended;
  std::vector<SessionRecord> alive;
  const auto written = store.write([&](Work& work) -> Result<void> {
    ended.clear();
    alive.clear();
    for (const LiveSessions::Seen& each : over) {
      auto row = TRY(find_session_row(work, each.session.id));
      if (!row || row->ended_ms) continue;
      const auto* environment = find_environment(settings, row->session.environment);
      const Standing stands = environment == nullptr
                                  ? Standing::kOver
                                  : standing_of(row->session, *environment, settings, now_ms);
      if (stands == Standing::kOpen || stands == Standing::kLocked) {
        alive.push_back(*std::move(row));  // it was used on another node
        continue;
      }
      const EndReason reason = reason_of(row->session);
      TRY(end_session(work, row->session.tenant, row->session.id, reason, now_ms));
      ended.emplace_back(std::move(row->session), reason);
    }
    return {};
  });
  TRY_VOID(written);
  for (const SessionRecord& each : alive) take_over(each);
  for (const auto& [session, reason] : ended) drop({session}, reason);
  return {};
}

Result<void> Sessions::State::end_over(std::int64_t now_ms) {
  std::vector<LiveSessions::Seen> over = live.over(now_ms);
  for (const LiveSessions::Seen& each : over) {
    if (!each.is_without_database) continue;
    drop({each.session}, reason_of(each.session));
  }
  std::erase_if(over, [](const auto& each) { return each.is_without_database; });
  while (!over.empty()) {
    const std::size_t count = std::min(over.size(), kBatch);
    const auto end = over.begin() + static_cast<std::ptrdiff_t>(count);
    TRY_VOID(end_over_rows({over.begin(), end}, now_ms));
    over.erase(over.begin(), end);
  }
  return {};
}

Result<void> Sessions::follow() { return state_->follow(); }

Result<void> Sessions::tidy(std::int64_t now_ms) {
  TRY_VOID(state_->write_pending());
  TRY_VOID(state_->write_uses());
  TRY_VOID(state_->end_over(now_ms));
  state_->live.forget_ended();
  return state_->store.write(
      [&](Work& work) { return forget_ended_sessions(work, now_ms - kEndedKeptMs); });
}

}  // namespace wardlock::authn
