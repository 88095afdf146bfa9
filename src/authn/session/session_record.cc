#include "authn/session/session_record.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "crypto/digest.h"

namespace wardlock::authn {
namespace {

std::int64_t ms(std::chrono::seconds time) { return std::chrono::milliseconds(time).count(); }

bool is_same(const crypto::Sha256Digest& left, const crypto::Sha256Digest& right) {
  const auto text = [](const crypto::Sha256Digest& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  return crypto::equal_in_constant_time(text(left), text(right));
}

}  // namespace

TokenMatch match_of(const TokenHashes& hashes, std::int64_t rotated_ms,
                    const SessionSettings& settings, const ReadToken& token, std::int64_t now_ms) {
  if (!is_same(hashes.family, token.family)) return TokenMatch::kForeign;
  if (is_same(hashes.current, token.secret)) return TokenMatch::kCurrent;
  const bool is_before = is_same(hashes.before, token.secret);
  const bool is_in_time = now_ms < rotated_ms + ms(settings.previous_good_for);
  return is_before && is_in_time ? TokenMatch::kBefore : TokenMatch::kOld;
}

Standing standing_of(const StandingFacts& facts, const SessionEnvironment& environment,
                     const SessionSettings& settings, std::int64_t now_ms) {
  if (now_ms >= facts.ends_ms) return Standing::kOver;
  const bool is_idle = now_ms >= facts.idle_until_ms;
  if (!facts.is_locked && !is_idle) return Standing::kOpen;
  const bool may_unlock =
      environment.locks && now_ms < facts.authenticated_ms + ms(settings.unlock_within);
  return may_unlock ? Standing::kLocked : Standing::kIdleTooLong;
}

Standing standing_of(const Session& session, const SessionEnvironment& environment,
                     const SessionSettings& settings, std::int64_t now_ms) {
  return standing_of({.is_locked = session.is_locked,
                      .authenticated_ms = session.assurance.authenticated_ms,
                      .idle_until_ms = session.idle_until_ms,
                      .ends_ms = session.ends_ms},
                     environment, settings, now_ms);
}

std::int64_t idle_until(const SessionSettings& settings, const SessionEnvironment& environment,
                        AssuranceLevel level, std::int64_t ends_ms, std::int64_t now_ms) {
  return std::min(now_ms + ms(limits_of(settings, environment, level).idle), ends_ms);
}

}  // namespace wardlock::authn
