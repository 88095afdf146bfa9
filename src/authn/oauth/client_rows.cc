#include "authn/oauth/client_rows.h"

#include <algorithm>
#include <utility>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/scope.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

constexpr std::string_view kSecrets = "secret_hashes";
constexpr std::string_view kRegistration = "registration_hash";
constexpr std::string_view kSelfRegistered = "self_registered";
constexpr std::string_view kEnabled = "enabled";
constexpr std::size_t kMostSecrets = 2;

std::string row_text(const Client& client) {
  boost::json::object json = to_json(client);
  json[kSecrets] = boost::json::array(client.secret_hashes.begin(), client.secret_hashes.end());
  if (!client.registration_hash.empty()) json[kRegistration] = client.registration_hash;
  json[kSelfRegistered] = client.is_self_registered;
  json[kEnabled] = client.is_enabled;
  return codec::to_json_text(codec::Json(std::move(json)));
}

Result<Client> read_document(std::string_view id, std::string_view text) {
  const codec::Json json = TRY(codec::parse_json(text));
  auto client = read_client(json.as_object());
  if (!client) return fail(ErrorCode::kDataLoss, "a client is kept wrongly");
  client->id = id;
  for (const codec::Json& hash : json.as_object().at(kSecrets).as_array()) {
    client->secret_hashes.emplace_back(std::string_view(hash.get_string()));
  }
  const codec::Json* const registration = json.as_object().if_contains(kRegistration);
  if (registration != nullptr) client->registration_hash = registration->as_string();
  client->is_self_registered = json.as_object().at(kSelfRegistered).as_bool();
  const codec::Json* const enabled = json.as_object().if_contains(kEnabled);
  client->is_enabled = enabled == nullptr || enabled->as_bool();
  return *std::move(client);
}

/// A row of: id, document, version, made_ms, changed_ms.
Result<KeptClient> read_row(const storage::Row& row) {
  return KeptClient{.client = TRY(read_document(row.text(0), row.text(1))),
                    .version = static_cast<std::uint64_t>(row.integer(2)),
                    .made_ms = row.integer(3),
                    .changed_ms = row.integer(4)};
}

bool has_secret(const Client& client) {
  return client.proof == ClientProof::kSecretBasic || client.proof == ClientProof::kSecretPost;
}

Secret add_secret(Client& client, const FillRandom& fill_random) {
  std::string text = new_ticket(Ticket::kClientSecret, fill_random);
  Secret secret(text);
  wipe(text);
  client.secret_hashes.push_back(hash_of(secret.reveal()));
  if (client.secret_hashes.size() > kMostSecrets) {
    client.secret_hashes.erase(client.secret_hashes.begin());
  }
  return secret;
}

Result<void> insert_row(Work& work, std::string_view tenant, const KeptClient& kept) {
  TRY(
      work.run("INSERT INTO oauth_client (tenant, id, version, made_ms, changed_ms, document) "
               "VALUES ($1, $2, $3, $4, $5, $6)",
               tenant, kept.client.id, static_cast<std::int64_t>(kept.version), kept.made_ms,
               kept.changed_ms, row_text(kept.client)));
  return {};
}

/// In place of `before`, which must be what is there.
Result<KeptClient> update_row(Work& work, const Occasion& occasion, const KeptClient& before,
                              Client next) {
  KeptClient after{.client = std::move(next),
                   .version = before.version + 1,
                   .made_ms = before.made_ms,
                   .changed_ms = occasion.now_ms};
  const auto changed = TRY(
      work.run("UPDATE oauth_client SET version = $4, changed_ms = $5, document = $6 "
               "WHERE tenant = $1 AND id = $2 AND version = $3",
               occasion.tenant, after.client.id, static_cast<std::int64_t>(before.version),
               static_cast<std::int64_t>(after.version), after.changed_ms, row_text(after.client)));
  if (changed == 1) return after;
  return fail(ErrorCode::kAborted, "somebody else changed the client meanwhile: read it again");
}

bool may_less(const Client& next, const Client& before) {
  const auto keeps_grant = [&next](GrantType type) { return next.may(type); };
  return !are_among(before.scopes, next.scopes) || !are_among(before.audiences, next.audiences) ||
         !are_among(before.exchange_audiences, next.exchange_audiences) ||
         !std::ranges::all_of(before.grants, keeps_grant) || next.proof != before.proof ||
         next.thing != before.thing || (next.binds_to_dpop && !before.binds_to_dpop) ||
         (next.binds_to_certificate && !before.binds_to_certificate);
}

}  // namespace

boost::json::object describe(const Client& client) {
  boost::json::object json = to_json(client);
  json[kEnabled] = client.is_enabled;
  json[kSelfRegistered] = client.is_self_registered;
  json["secrets"] = client.secret_hashes.size();
  return json;
}

Result<std::optional<KeptClient>> find_kept_client(Work& work, std::string_view tenant,
                                                   std::string_view id) {
  const storage::Rows rows =
      TRY(work.query("SELECT id, document, version, made_ms, changed_ms FROM oauth_client "
                     "WHERE tenant = $1 AND id = $2",
                     tenant, id));
  if (rows.empty()) return std::nullopt;
  return TRY(read_row(rows.front()));
}

Result<std::vector<KeptClient>> list_kept_clients(Work& work, std::string_view tenant) {
  const storage::Rows rows =
      TRY(work.query("SELECT id, document, version, made_ms, changed_ms FROM oauth_client "
                     "WHERE tenant = $1 ORDER BY id",
                     tenant));
  std::vector<KeptClient> clients;
  for (const storage::Row row : rows) clients.push_back(TRY(read_row(row)));
  return clients;
}

Result<WrittenClient> enter_client(Work& work, const Occasion& occasion, Client client,
                                   const FillRandom& fill_random) {
  directory::UuidEntropy entropy;
  fill_random(entropy);
  client.id = directory::make_uuid7(occasion.now_ms, entropy);
  WrittenClient written{.kept = {.client = std::move(client),
                                 .made_ms = occasion.now_ms,
                                 .changed_ms = occasion.now_ms}};
  if (has_secret(written.kept.client)) {
    written.secret = add_secret(written.kept.client, fill_random);
  }
  TRY_VOID(insert_row(work, occasion.tenant, written.kept));
  return written;
}

Result<bool> enter_client_once(Work& work, const Occasion& occasion, Client client) {
  const KeptClient kept{
      .client = std::move(client), .made_ms = occasion.now_ms, .changed_ms = occasion.now_ms};
  const auto entered =
      TRY(work.run("INSERT INTO oauth_client (tenant, id, version, made_ms, changed_ms, document) "
                   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, id) DO NOTHING",
                   occasion.tenant, kept.client.id, static_cast<std::int64_t>(kept.version),
                   kept.made_ms, kept.changed_ms, row_text(kept.client)));
  return entered == 1;
}

Result<WrittenClient> replace_client(Work& work, const Occasion& occasion, const KeptClient& before,
                                     Client next, const FillRandom& fill_random) {
  next.id = before.client.id;
  next.is_self_registered = before.client.is_self_registered;
  next.is_enabled = before.client.is_enabled;
  WrittenClient written;
  if (has_secret(next)) {
    next.secret_hashes = before.client.secret_hashes;
    if (next.secret_hashes.empty()) written.secret = add_secret(next, fill_random);
  }
  if (may_less(next, before.client)) {
    TRY(end_grants(work, occasion, {.client = next.id}));
  }
  written.kept = TRY(update_row(work, occasion, before, std::move(next)));
  return written;
}

Result<WrittenClient> renew_client_secret(Work& work, const Occasion& occasion,
                                          const KeptClient& before, bool ends_others,
                                          const FillRandom& fill_random) {
  Client next = before.client;
  if (!has_secret(next)) {
    return fail(ErrorCode::kFailedPrecondition, "the client proves itself without a secret");
  }
  if (ends_others) next.secret_hashes.clear();
  WrittenClient written{.kept = {}, .secret = add_secret(next, fill_random)};
  written.kept = TRY(update_row(work, occasion, before, std::move(next)));
  return written;
}

Result<KeptClient> set_client_enabled(Work& work, const Occasion& occasion,
                                      const KeptClient& before, bool is_enabled) {
  if (before.client.is_enabled == is_enabled) return before;
  Client next = before.client;
  next.is_enabled = is_enabled;
  if (!is_enabled) TRY(end_grants(work, occasion, {.client = next.id}));
  return update_row(work, occasion, before, std::move(next));
}

Result<KeptClient> withdraw_client(Work& work, const Occasion& occasion, const KeptClient& before) {
  Client next = before.client;
  next.is_enabled = false;
  next.secret_hashes.clear();
  next.registration_hash.clear();
  TRY(end_grants(work, occasion, {.client = next.id}));
  return update_row(work, occasion, before, std::move(next));
}

Result<void> erase_client(Work& work, const Occasion& occasion, std::string_view id) {
  TRY(end_grants(work, occasion, {.client = id}));
  TRY(work.run("DELETE FROM oauth_request WHERE tenant = $1 AND client = $2", occasion.tenant, id));
  TRY(work.run("DELETE FROM oauth_consent WHERE tenant = $1 AND client = $2", occasion.tenant, id));
  TRY(work.run("DELETE FROM oauth_client WHERE tenant = $1 AND id = $2", occasion.tenant, id));
  return {};
}

}  // namespace wardlock::oauth
