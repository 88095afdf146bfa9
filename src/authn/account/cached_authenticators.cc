#include "authn/account/cached_authenticators.h"

#include <algorithm>
#include <utility>

namespace wardlock::authn {
namespace {

std::int64_t ms(std::chrono::seconds time) { return std::chrono::milliseconds(time).count(); }

std::string key_of(std::string_view tenant, std::string_view user_name) {
  std::string key(tenant);
  key += '\n';
  key += user_name;
  return key;
}

}  // namespace

void CachedAuthenticators::make_room() {
  while (names_.size() >= limits_.most && !names_.empty()) {
    const auto oldest =
        std::ranges::min_element(names_, {}, [](const auto& each) { return each.second.used_ms; });
    names_.erase(oldest);
  }
}

void CachedAuthenticators::remember(std::string_view tenant, std::string_view user_name,
                                    std::string_view person, RememberedAuthenticator authenticator,
                                    AssuranceLevel required, std::int64_t now_ms) {
  const std::string key = key_of(tenant, user_name);
  const std::scoped_lock lock(mutex_);
  const auto found = names_.find(key);
  if (found == names_.end()) make_room();
  Known& known = names_[key];
  if (known.person.id != person) known.person = {.id = std::string(person), .authenticators = {}};
  known.used_ms = now_ms;
  known.person.required = required;
  auto& all = known.person.authenticators;
  std::erase_if(all, [&](const auto& each) { return each.id == authenticator.id; });
  all.push_back(std::move(authenticator));
}

void CachedAuthenticators::forget_person(std::string_view tenant, std::string_view person) {
  const std::string prefix = key_of(tenant, "");
  const std::scoped_lock lock(mutex_);
  std::erase_if(names_, [&](const auto& each) {
    return each.second.person.id == person && each.first.starts_with(prefix);
  });
}

void CachedAuthenticators::forget(std::string_view tenant, std::string_view person,
                                  std::string_view authenticator) {
  const std::string prefix = key_of(tenant, "");
  const std::scoped_lock lock(mutex_);
  for (auto& [key, known] : names_) {
    if (known.person.id != person || !key.starts_with(prefix)) continue;
    std::erase_if(known.person.authenticators,
                  [&](const auto& each) { return each.id == authenticator; });
  }
}

void CachedAuthenticators::forget_all() {
  const std::scoped_lock lock(mutex_);
  names_.clear();
}

void CachedAuthenticators::note_database(std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  heard_ms_ = std::max(heard_ms_, now_ms);
}

bool CachedAuthenticators::may_be_used(std::int64_t now_ms) const {
  const std::scoped_lock lock(mutex_);
  return heard_ms_ != 0 && now_ms < heard_ms_ + ms(limits_.without_database);
}

const CachedAuthenticators::Known* CachedAuthenticators::known(std::string_view key,
                                                               std::int64_t now_ms) const {
  if (heard_ms_ == 0 || now_ms >= heard_ms_ + ms(limits_.without_database)) return nullptr;
  const auto found = names_.find(key);
  if (found == names_.end() || now_ms >= found->second.used_ms + ms(limits_.remembered)) {
    return nullptr;
  }
  return &found->second;
}

std::optional<CachedAuthenticators::Person> CachedAuthenticators::find(std::string_view tenant,
                                                                       std::string_view user_name,
                                                                       std::int64_t now_ms) const {
  const std::scoped_lock lock(mutex_);
  const Known* found = known(key_of(tenant, user_name), now_ms);
  if (found == nullptr) return std::nullopt;
  return found->person;
}

bool CachedAuthenticators::take_step(std::string_view tenant, std::string_view user_name,
                                     std::string_view authenticator, std::uint64_t step) {
  const std::scoped_lock lock(mutex_);
  const auto found = names_.find(key_of(tenant, user_name));
  if (found == names_.end()) return false;
  for (RememberedAuthenticator& each : found->second.person.authenticators) {
    if (each.id != authenticator) continue;
    if (each.otp_last_step && *each.otp_last_step >= step) return false;
    each.otp_last_step = step;
    return true;
  }
  return false;
}

std::optional<CachedAuthenticators::FoundPasskey> CachedAuthenticators::find_passkey(
    std::string_view tenant, std::string_view credential_id, std::int64_t now_ms) const {
  const std::string prefix = key_of(tenant, "");
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, each] : names_) {
    if (!key.starts_with(prefix) || known(key, now_ms) == nullptr) continue;
    for (const RememberedAuthenticator& kept : each.person.authenticators) {
      if (!kept.passkey || kept.passkey->id != credential_id) continue;
      return FoundPasskey{.person = each.person.id,
                          .user_name = key.substr(prefix.size()),
                          .authenticator = kept.id,
                          .credential = *kept.passkey};
    }
  }
  return std::nullopt;
}

bool CachedAuthenticators::take_passkey(const FoundPasskey& found, std::string_view tenant,
                                        const webauthn::Credential& after) {
  const std::scoped_lock lock(mutex_);
  const auto named = names_.find(key_of(tenant, found.user_name));
  if (named == names_.end()) return false;
  for (RememberedAuthenticator& each : named->second.person.authenticators) {
    if (each.id != found.authenticator || !each.passkey) continue;
    // What was verified against is what is there still.
    if (each.passkey->sign_count != found.credential.sign_count) return false;
    each.passkey = after;
    return true;
  }
  return false;
}

std::size_t CachedAuthenticators::size() const {
  const std::scoped_lock lock(mutex_);
  return names_.size();
}

}  // namespace wardlock::authn
