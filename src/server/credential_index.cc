#include "server/credential_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "directory/registry/tables.h"

namespace wardlock::server {

Result<std::unique_ptr<CredentialIndex>> CredentialIndex::start(const storage::Store& store,
                                                                directory::Registry& registry,
                                                                const authn::Quota& quota) {
  std::unique_ptr<CredentialIndex> index(new CredentialIndex(registry, quota));
  TRY_VOID(index->follow());
  // What cannot be read now is read when the database tells of the next change.
  index->listening_ =
      TRY(store.listen(std::string(directory::kChangeChannel), [index = index.get()] {
        [[maybe_unused]] const auto followed = index->follow();
      }));
  return index;
}

CredentialIndex::~CredentialIndex() { listening_.reset(); }

std::shared_ptr<const KnownCredential> CredentialIndex::find(std::string_view hash,
                                                             std::int64_t now) const {
  const std::shared_lock lock(mutex_);
  const auto found = hashes_.find(hash);
  if (found == hashes_.end() || found->second->expires_ms <= now) return nullptr;
  return found->second;
}

std::size_t CredentialIndex::size() const {
  const std::shared_lock lock(mutex_);
  return hashes_.size();
}

Result<void> CredentialIndex::follow() {
  const std::scoped_lock lock(following_);
  const auto news = TRY(registry_.credentials_after(revision_.load()));
  take(news);
  revision_.store(news.revision);
  return {};
}

void CredentialIndex::take(const directory::Registry::CredentialNews& news) {
  if (news.credentials.empty() && !news.are_all) return;
  const std::scoped_lock lock(mutex_);
  Hashes before;
  if (news.are_all) before = std::exchange(hashes_, {});
  for (const directory::Credential& each : news.credentials) {
    if (each.revoked_ms) {
      hashes_.erase(each.hash);
      continue;
    }
    const auto old = before.find(each.hash);
    hashes_[each.hash] = old != before.end()
                             ? old->second
                             : std::make_shared<const KnownCredential>(KnownCredential{
                                   .id = each.id,
                                   .tenant = each.tenant,
                                   .expires_ms = each.expires_ms,
                                   .limit = std::make_shared<authn::RateLimit>(quota_)});
  }
}

void CredentialIndex::note_use(const std::string& credential, std::int64_t now) {
  const std::scoped_lock lock(uses_mutex_);
  std::int64_t& noted = uses_[credential];
  noted = std::max(noted, now);
}

Result<void> CredentialIndex::write_uses() {
  std::unordered_map<std::string, std::int64_t> noted;
  {
    const std::scoped_lock lock(uses_mutex_);
    noted.swap(uses_);
  }
  if (noted.empty()) return {};
  std::vector<directory::Registry::Use> uses;
  uses.reserve(noted.size());
  for (const auto& [credential, time] : noted) uses.push_back({credential, time});
  auto written = registry_.note_uses(uses);
  if (!written) {
    for (const auto& [credential, time] : noted) note_use(credential, time);
  }
  return written;
}

}  // namespace wardlock::server
