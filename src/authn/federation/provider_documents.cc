#include "authn/federation/provider_documents.h"

#include <fmt/format.h>

namespace wardlock::authn {
namespace {

using std::chrono::sys_seconds;

constexpr std::chrono::seconds kFresh = std::chrono::hours(1);
constexpr std::chrono::seconds kLongest = std::chrono::hours(24);
constexpr std::chrono::seconds kBetweenTries = std::chrono::minutes(1);
/// Where nothing is known of it yet: those who wait meanwhile are not each held up in turn.
constexpr std::chrono::seconds kBetweenFirstTries = std::chrono::seconds(10);
constexpr std::size_t kMaxBytes = std::size_t{256} << 10;

}  // namespace

template <typename T>
bool ProviderDocuments::Kept<T>::is_fresh(sys_seconds now) const {
  return value != nullptr && now < got + kFresh;
}

template <typename T>
bool ProviderDocuments::Kept<T>::may_try(sys_seconds now) const {
  return now >= tried + (value == nullptr ? kBetweenFirstTries : kBetweenTries);
}

/// What is kept, where it is fresh and enough; else what is got anew, if it may be and can be.
template <typename T, typename Fetch>
Result<std::shared_ptr<const T>> ProviderDocuments::current(Kept<T>& kept, bool is_enough,
                                                            sys_seconds now, const Fetch& fetch) {
  if (kept.is_fresh(now) && (is_enough || !kept.may_try(now))) return kept.value;
  Error fault;
  if (kept.may_try(now)) {
    kept.tried = now;
    Result<T> got = fetch();
    if (got) {
      kept.value = std::make_shared<const T>(*std::move(got));
      kept.got = now;
      return kept.value;
    }
    fault = got.error();
  }
  if (kept.value != nullptr && now < kept.got + kLongest) return kept.value;
  if (fault.message.empty()) fault = {ErrorCode::kUnavailable, "the provider does not answer"};
  return std::unexpected(fault);
}

Result<std::string> ProviderDocuments::fetch(const std::string& url,
                                             const net::Interruption& interruption) const {
  net::HttpReply reply = TRY(egress_.fetch({.url = url}, interruption, kMaxBytes));
  if (reply.status == 200) return std::move(reply.body);
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` answers {}", url, reply.status));
}

Result<std::shared_ptr<const ProviderMetadata>> ProviderDocuments::metadata_locked(
    sys_seconds now, const net::Interruption& interruption) {
  return current(metadata_, true, now, [&]() -> Result<ProviderMetadata> {
    const std::string text = TRY(fetch(metadata_address(issuer_), interruption));
    return ProviderMetadata::parse(text, issuer_);
  });
}

Result<ProviderMetadata> ProviderDocuments::metadata(sys_seconds now,
                                                     const net::Interruption& interruption) {
  const std::lock_guard lock(mutex_);
  return *TRY(metadata_locked(now, interruption));
}

Result<std::shared_ptr<const jose::KeySet>> ProviderDocuments::keys_with(
    std::string_view key_id, sys_seconds now, const net::Interruption& interruption) {
  const std::lock_guard lock(mutex_);
  const auto metadata = TRY(metadata_locked(now, interruption));
  const bool is_known = keys_.value != nullptr && keys_.value->find(key_id) != nullptr;
  return current(keys_, is_known, now, [&]() -> Result<jose::KeySet> {
    const std::string text = TRY(fetch(metadata->jwks_uri, interruption));
    return jose::KeySet::parse(text, rsa_algorithm_);
  });
}

}  // namespace wardlock::authn
