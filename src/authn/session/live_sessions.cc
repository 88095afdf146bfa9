#include "authn/session/live_sessions.h"

#include <algorithm>
#include <mutex>

#include "crypto/seeded_hash.h"

namespace wardlock::authn {

std::size_t LiveSessions::IdHash::operator()(const IdBytes& id) const {
  return crypto::seeded_hash({reinterpret_cast<const char*>(id.data()), id.size()});
}

std::uint32_t LiveSessions::number_of_tenant(const std::string& name) {
  const std::unique_lock lock(tenants_mutex_);
  const auto found = std::ranges::find(tenants_, name);
  const auto number = static_cast<std::uint32_t>(found - tenants_.begin());
  if (found == tenants_.end()) tenants_.push_back(name);
  return number;
}

Session LiveSessions::session_of(const IdBytes& id, const Kept& kept) const {
  std::string tenant;
  {
    const std::shared_lock lock(tenants_mutex_);
    tenant = tenants_.at(kept.tenant);
  }
  Session session{.id = id_text(id),
                  .tenant = std::move(tenant),
                  .person = id_text(kept.person),
                  .assurance = {.level = kept.level,
                                .methods = methods_of(kept.methods),
                                .authenticated_ms = kept.authenticated_ms,
                                .proofs = Proofs::from_bits(kept.proofs)},
                  .environment = settings_.environments.at(kept.environment).name,
                  .workstation = kept.workstation,
                  .authenticators = {},
                  .started_ms = kept.started_ms,
                  .idle_until_ms = kept.idle_until_ms.load(std::memory_order_relaxed),
                  .ends_ms = kept.ends_ms,
                  .is_locked = kept.is_locked};
  session.authenticators.reserve(kept.authenticators.size());
  for (const IdBytes& each : kept.authenticators) session.authenticators.push_back(id_text(each));
  return session;
}

Standing LiveSessions::standing(const Kept& kept, std::int64_t now_ms) const {
  return standing_of({.is_locked = kept.is_locked,
                      .authenticated_ms = kept.authenticated_ms,
                      .idle_until_ms = kept.idle_until_ms.load(std::memory_order_relaxed),
                      .ends_ms = kept.ends_ms},
                     settings_.environments.at(kept.environment), settings_, now_ms);
}

void LiveSessions::note_use(Kept& kept, std::int64_t now_ms) const {
  const std::int64_t until = idle_until(settings_, settings_.environments.at(kept.environment),
                                        kept.level, kept.ends_ms, now_ms);
  std::int64_t before = kept.idle_until_ms.load(std::memory_order_relaxed);
  while (before < until && !kept.idle_until_ms.compare_exchange_weak(before, until)) {
  }
  kept.is_noted.store(true, std::memory_order_relaxed);
}

std::optional<LiveSessions::Match> LiveSessions::match(const ReadToken& token, std::int64_t now_ms,
                                                       bool is_use) {
  Part& part = part_of(token.id);
  const std::shared_lock lock(part.mutex);
  const auto found = part.sessions.find(token.id);
  if (found == part.sessions.end()) return std::nullopt;
  Kept& kept = found->second;
  const TokenMatch match = match_of(kept.hashes, kept.rotated_ms, settings_, token, now_ms);
  if (match == TokenMatch::kForeign) return Match{};
  const Standing stands = standing(kept, now_ms);
  const bool is_good = match != TokenMatch::kOld && stands == Standing::kOpen;
  if (is_good && is_use) note_use(kept, now_ms);
  return Match{.match = match,
               .standing = stands,
               .session = session_of(token.id, kept),
               .rotated_ms = kept.rotated_ms,
               .is_without_database = kept.is_without_database};
}

std::optional<std::pair<Session, Standing>> LiveSessions::find(const IdBytes& id,
                                                               std::int64_t now_ms) const {
  const Part& part = part_of(id);
  const std::shared_lock lock(part.mutex);
  const auto found = part.sessions.find(id);
  if (found == part.sessions.end()) return std::nullopt;
  return std::pair(session_of(id, found->second), standing(found->second, now_ms));
}

void LiveSessions::put(const SessionRecord& record, bool is_without_database) {
  const Session& session = record.session;
  const auto id = id_bytes(session.id);
  const auto person = id_bytes(session.person);
  const SessionEnvironment* environment = find_environment(settings_, session.environment);
  if (!id || !person) return;
  if (record.ended_ms || environment == nullptr) {
    erase(*id);
    return;
  }
  const std::uint32_t tenant = number_of_tenant(session.tenant);
  Part& part = part_of(*id);
  const std::unique_lock lock(part.mutex);
  if (part.ended.contains(*id) || part.ended_before.contains(*id)) return;
  Kept& kept = part.sessions[*id];
  if (record.changed < kept.changed) return;
  kept.person = *person;
  kept.hashes = record.hashes;
  kept.tenant = tenant;
  kept.environment = static_cast<std::uint32_t>(environment - settings_.environments.data());
  kept.methods = method_bits(session.assurance.methods);
  kept.proofs = session.assurance.proofs.bits();
  // It may have been used here since; another level has other limits.
  const bool is_same_level = kept.level == session.assurance.level;
  kept.idle_until_ms = is_same_level ? std::max(kept.idle_until_ms.load(), session.idle_until_ms)
                                     : session.idle_until_ms;
  kept.level = session.assurance.level;
  kept.is_locked = session.is_locked;
  kept.is_without_database = is_without_database;
  kept.authenticated_ms = session.assurance.authenticated_ms;
  kept.started_ms = session.started_ms;
  kept.ends_ms = session.ends_ms;
  kept.rotated_ms = record.rotated_ms;
  kept.changed = record.changed;
  kept.workstation = session.workstation;
  kept.authenticators.clear();
  kept.authenticators.reserve(session.authenticators.size());
  for (const std::string& each : session.authenticators) {
    if (const auto bytes = id_bytes(each)) kept.authenticators.push_back(*bytes);
  }
}

std::optional<Session> LiveSessions::erase(const IdBytes& id) {
  Part& part = part_of(id);
  const std::unique_lock lock(part.mutex);
  part.ended.insert(id);
  const auto found = part.sessions.find(id);
  if (found == part.sessions.end()) return std::nullopt;
  Session session = session_of(id, found->second);
  part.sessions.erase(found);
  return session;
}

void LiveSessions::forget_ended() {
  for (Part& part : parts_) {
    const std::unique_lock lock(part.mutex);
    part.ended_before = std::exchange(part.ended, {});
  }
}

void LiveSessions::keep_only(const std::function<bool(const IdBytes&)>& is_to_stay) {
  for (Part& part : parts_) {
    const std::unique_lock lock(part.mutex);
    std::erase_if(part.sessions, [&](const auto& each) {
      return !each.second.is_without_database && !is_to_stay(each.first);
    });
  }
}

std::vector<LiveSessions::Seen> LiveSessions::select(
    const std::function<bool(const Seen&)>& is_wanted, std::int64_t now_ms) const {
  std::vector<Seen> all;
  for (const Part& part : parts_) {
    const std::shared_lock lock(part.mutex);
    for (const auto& [id, kept] : part.sessions) {
      Seen seen{.session = session_of(id, kept),
                .standing = standing(kept, now_ms),
                .is_without_database = kept.is_without_database};
      if (is_wanted(seen)) all.push_back(std::move(seen));
    }
  }
  return all;
}

std::vector<LiveSessions::Seen> LiveSessions::over(std::int64_t now_ms) const {
  std::vector<Seen> all;
  for (const Part& part : parts_) {
    const std::shared_lock lock(part.mutex);
    for (const auto& [id, kept] : part.sessions) {
      const Standing stands = standing(kept, now_ms);
      if (stands == Standing::kOpen || stands == Standing::kLocked) continue;
      all.push_back({.session = session_of(id, kept),
                     .standing = stands,
                     .is_without_database = kept.is_without_database});
    }
  }
  return all;
}

std::vector<std::pair<std::string, std::int64_t>> LiveSessions::take_uses() {
  std::vector<std::pair<std::string, std::int64_t>> uses;
  for (Part& part : parts_) {
    const std::shared_lock lock(part.mutex);
    for (auto& [id, kept] : part.sessions) {
      if (!kept.is_noted.load(std::memory_order_relaxed) || kept.is_without_database) continue;
      kept.is_noted.store(false, std::memory_order_relaxed);
      uses.emplace_back(id_text(id), kept.idle_until_ms.load());
    }
  }
  return uses;
}

void LiveSessions::put_back(const std::vector<std::pair<std::string, std::int64_t>>& uses) {
  for (const auto& use : uses) {
    const auto id = id_bytes(use.first);
    if (!id) continue;
    Part& part = part_of(*id);
    const std::shared_lock lock(part.mutex);
    const auto found = part.sessions.find(*id);
    if (found != part.sessions.end()) found->second.is_noted.store(true);
  }
}

std::size_t LiveSessions::size() const {
  std::size_t count = 0;
  for (const Part& part : parts_) {
    const std::shared_lock lock(part.mutex);
    count += part.sessions.size();
  }
  return count;
}

}  // namespace wardlock::authn
