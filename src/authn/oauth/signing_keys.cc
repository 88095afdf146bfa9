#include "authn/oauth/signing_keys.h"

#include <algorithm>
#include <utility>

#include "authn/oauth/tables.h"
#include "authn/oauth/transaction.h"
#include "secrets/secret_table.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

constexpr std::string_view kPurpose = "oauth signing key";
/// So long a process goes by what it has read: another node's new key is shown a day before it
/// signs.
constexpr std::int64_t kReadEveryMs = 30'000;

std::int64_t ms(std::chrono::seconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

Error lost_key() {
  return {ErrorCode::kDataLoss, "a key that signs tokens is not among the sealed secrets"};
}

}  // namespace

Answer<SigningKeys::Ring> SigningKeys::read(Work& work, const Occasion& occasion) const {
  const storage::Rows rows =
      TRY(work.query("SELECT id, signs_from_ms FROM oauth_key WHERE tenant = $1 AND "
                     "(known_until_ms IS NULL OR known_until_ms > $2) ORDER BY signs_from_ms, id",
                     occasion.tenant, occasion.now_ms));
  Ring ring{.keys = {}, .shown = {}, .read_ms = occasion.now_ms};
  std::vector<jose::VerificationKey> shown;
  for (const storage::Row row : rows) {
    const std::string id(row.text(0));
    auto sealed = TRY(parts_.secrets.find(
        work, {.tenant = occasion.tenant, .purpose = kPurpose, .name = id}, occasion.now_ms));
    if (!sealed) return std::unexpected(Refusal(lost_key()));
    const Secret der(*sealed);
    wipe(*sealed);
    auto key = TRY(crypto::PrivateKey::from_pkcs8(der));
    auto signing = std::make_shared<const jose::SigningKey>(jose::SigningKey{
        .key = std::move(key), .algorithm = jose::SignatureAlgorithm::kEs256, .id = id});
    shown.push_back(signing->verification_key());
    ring.keys.push_back({.id = id, .signs_from_ms = row.integer(1), .key = std::move(signing)});
  }
  ring.shown = std::make_shared<const jose::KeySet>(std::move(shown));
  return ring;
}

Answer<void> SigningKeys::add_key(Work& work, const Occasion& occasion,
                                  std::int64_t signs_from_ms) const {
  const auto key = crypto::PrivateKey::generate(crypto::KeyType::kP256);
  const std::string id = jose::thumbprint(key.public_key());
  const jose::VerificationKey shown{
      .key = key.public_key(), .algorithm = jose::SignatureAlgorithm::kEs256, .id = id};
  TRY(
      work.run("INSERT INTO oauth_key (tenant, id, public_key, made_ms, signs_from_ms) "
               "VALUES ($1, $2, $3, $4, $5)",
               occasion.tenant, id, codec::to_json_text(jose::to_jwk(shown)), occasion.now_ms,
               signs_from_ms));
  TRY_VOID(parts_.secrets.put(work, {.tenant = occasion.tenant, .purpose = kPurpose, .name = id},
                              key.pkcs8().reveal()));
  work.notify(std::string(kChangeChannel));
  return {};
}

Answer<void> SigningKeys::keep_up(Work& work, const Occasion& occasion) const {
  const storage::Rows over =
      TRY(work.query("SELECT id FROM oauth_key WHERE tenant = $1 AND known_until_ms <= $2",
                     occasion.tenant, occasion.now_ms));
  for (const storage::Row row : over) {
    TRY(parts_.secrets.erase(
        work, {.tenant = occasion.tenant, .purpose = kPurpose, .name = row.text(0)}));
    TRY(work.run("DELETE FROM oauth_key WHERE tenant = $1 AND id = $2", occasion.tenant,
                 row.text(0)));
  }
  const storage::Rows last =
      TRY(work.query("SELECT signs_from_ms FROM oauth_key WHERE tenant = $1 AND "
                     "known_until_ms IS NULL ORDER BY signs_from_ms DESC",
                     occasion.tenant));
  if (last.empty()) return add_key(work, occasion, occasion.now_ms);
  const std::int64_t next_from = last.front().integer(0) + ms(periods_.signs);
  if (occasion.now_ms < next_from - ms(periods_.shown_before)) return {};
  // Shown for its whole time, also where nobody looked for long.
  const std::int64_t from = std::max(next_from, occasion.now_ms + ms(periods_.shown_before));
  TRY(
      work.run("UPDATE oauth_key SET known_until_ms = $2 WHERE tenant = $1 AND "
               "known_until_ms IS NULL",
               occasion.tenant, from + ms(periods_.known_after)));
  return add_key(work, occasion, from);
}

Answer<void> SigningKeys::keep_up(const Occasion& occasion) {
  auto ring = transact<Ring>(parts_.store, [&](Work& work) -> Answer<Ring> {
    TRY_VOID(keep_up(work, occasion));
    return read(work, occasion);
  });
  if (!ring) return std::unexpected(ring.error());
  remember(occasion.tenant, *std::move(ring));
  return {};
}

Answer<void> SigningKeys::replace_all(const Occasion& occasion) {
  auto ring = transact<Ring>(parts_.store, [&](Work& work) -> Answer<Ring> {
    TRY(work.run("UPDATE oauth_key SET known_until_ms = $2 WHERE tenant = $1", occasion.tenant,
                 occasion.now_ms));
    TRY_VOID(keep_up(work, occasion));
    return read(work, occasion);
  });
  if (!ring) return std::unexpected(ring.error());
  remember(occasion.tenant, *std::move(ring));
  return {};
}

void SigningKeys::remember(std::string_view tenant, Ring ring) {
  const std::scoped_lock lock(mutex_);
  rings_.insert_or_assign(std::string(tenant), std::make_shared<const Ring>(std::move(ring)));
}

Answer<std::shared_ptr<const SigningKeys::Ring>> SigningKeys::ring(const Occasion& occasion) {
  const auto kept = [&]() -> std::shared_ptr<const Ring> {
    const std::scoped_lock lock(mutex_);
    const auto found = rings_.find(occasion.tenant);
    return found == rings_.end() ? nullptr : found->second;
  };
  auto ring = kept();
  if (ring != nullptr && !ring->keys.empty() && occasion.now_ms - ring->read_ms < kReadEveryMs) {
    return ring;
  }
  auto read_now = look<Ring>(parts_.store, [&](Work& work) { return read(work, occasion); });
  if (!read_now && ring == nullptr) return std::unexpected(read_now.error());
  if (!read_now) return ring;  // what was read before goes on while the database is away
  const bool has_one = std::ranges::any_of(
      read_now->keys, [&](const Kept& each) { return each.signs_from_ms <= occasion.now_ms; });
  if (has_one) {
    remember(occasion.tenant, *std::move(read_now));
  } else {
    TRY_VOID(keep_up(occasion));
  }
  return kept();
}

Answer<std::shared_ptr<const jose::SigningKey>> SigningKeys::current(const Occasion& occasion) {
  const auto kept = TRY(ring(occasion));
  std::shared_ptr<const jose::SigningKey> found;
  for (const Kept& each : kept->keys) {
    if (each.signs_from_ms <= occasion.now_ms) found = each.key;
  }
  if (found == nullptr) return std::unexpected(Refusal(lost_key()));
  return found;
}

Answer<std::shared_ptr<const jose::KeySet>> SigningKeys::shown(const Occasion& occasion) {
  return TRY(ring(occasion))->shown;
}

std::shared_ptr<const jose::KeySet> SigningKeys::known(std::string_view tenant) const {
  const std::scoped_lock lock(mutex_);
  const auto found = rings_.find(tenant);
  return found == rings_.end() ? nullptr : found->second->shown;
}

}  // namespace wardlock::oauth
