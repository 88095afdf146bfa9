#include "authn/oauth/client_keys.h"

#include <algorithm>

namespace wardlock::oauth {

std::size_t ClientKeys::size() const {
  const std::scoped_lock lock(mutex_);
  return kept_.size();
}

/// Whether the client is to be asked now; then nobody else asks it meanwhile.
bool ClientKeys::begin(Kept& kept, std::string_view key_id, std::int64_t now_ms) {
  const bool is_fresh = kept.keys != nullptr && now_ms < kept.got_ms + kFreshMs;
  if (is_fresh && kept.keys->find(key_id) != nullptr) return false;
  const std::int64_t pause = kept.keys == nullptr ? kBetweenFirstTriesMs : kBetweenTriesMs;
  const bool may_try = kept.tried_ms == 0 || now_ms >= kept.tried_ms + pause;
  if (!fetch_ || !may_try || kept.is_asked || asking_ >= kMostAtOnce) return false;
  kept.tried_ms = now_ms;
  kept.is_asked = true;
  ++asking_;
  return true;
}

/// Whoever was tried longest ago goes; nobody who is being asked.
void ClientKeys::make_room() {
  if (kept_.size() < kMostKept) return;
  auto oldest = kept_.end();
  for (auto each = kept_.begin(); each != kept_.end(); ++each) {
    if (each->second.is_asked) continue;
    const bool is_older = oldest == kept_.end() || each->second.tried_ms < oldest->second.tried_ms;
    if (is_older) oldest = each;
  }
  if (oldest != kept_.end()) kept_.erase(oldest);
}

Result<std::shared_ptr<const jose::KeySet>> ClientKeys::keys_with(std::string_view tenant,
                                                                  const std::string& url,
                                                                  std::string_view key_id,
                                                                  std::int64_t now_ms) {
  const Place place(tenant, url);
  std::unique_lock lock(mutex_);
  if (!kept_.contains(place)) make_room();
  Kept& kept = kept_[place];  // it stays in its place while it is asked
  if (begin(kept, key_id, now_ms)) {
    lock.unlock();
    const Result<std::string> text = fetch_(url);
    auto got =
        text ? jose::KeySet::parse(*text) : Result<jose::KeySet>(std::unexpected(text.error()));
    lock.lock();
    --asking_;
    kept.is_asked = false;
    if (got) {
      kept.keys = std::make_shared<const jose::KeySet>(*std::move(got));
      kept.got_ms = now_ms;
    }
  }
  if (kept.keys != nullptr && now_ms < kept.got_ms + kLongestMs) return kept.keys;
  return fail(ErrorCode::kUnavailable, "the client's keys cannot be had now; try again");
}

}  // namespace wardlock::oauth
