#include "authn/oauth/clients.h"

#include <fmt/format.h>

#include <array>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/transaction.h"
#include "directory/identifier/uuid7.h"
#include "directory/registry/registry.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

constexpr std::string_view kSecrets = "secret_hashes";
constexpr std::string_view kSelfRegistered = "self_registered";
constexpr std::size_t kMostSecrets = 2;

std::string row_text(const Client& client) {
  boost::json::object json = to_json(client);
  json[kSecrets] = boost::json::array(client.secret_hashes.begin(), client.secret_hashes.end());
  json[kSelfRegistered] = client.is_self_registered;
  return codec::to_json_text(codec::Json(std::move(json)));
}

Answer<Client> read_row(std::string_view id, std::string_view text) {
  const codec::Json json = TRY(codec::parse_json(text));
  auto client = read_client(json.as_object());
  if (!client) {
    return std::unexpected(Refusal(Error{ErrorCode::kDataLoss, "a client is kept wrongly"}));
  }
  client->id = id;
  for (const codec::Json& hash : json.as_object().at(kSecrets).as_array()) {
    client->secret_hashes.emplace_back(std::string_view(hash.get_string()));
  }
  client->is_self_registered = json.as_object().at(kSelfRegistered).as_bool();
  return client;
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

Answer<void> update_row(Work& work, const Occasion& occasion, const Client& client) {
  TRY(
      work.run("INSERT INTO oauth_client (tenant, id, version, made_ms, changed_ms, document) "
               "VALUES ($1, $2, 1, $3, $3, $4) ON CONFLICT (tenant, id) DO UPDATE SET "
               "version = oauth_client.version + 1, changed_ms = $3, document = $4",
               occasion.tenant, client.id, occasion.now_ms, row_text(client)));
  return {};
}

event::Event change_event(const Client& client, std::string_view action) {
  return {.kind = event::Kind::kConfigurationChange,
          .action = action,
          .resource_type = "OAuthClient",
          .resource_id = client.id};
}

/// Of a description that strangers send: what only the house gives is left out.
boost::json::object without_privileges(boost::json::object metadata) {
  constexpr auto kOfTheHouse = std::to_array<std::string_view>(
      {"audiences", "exchange_audiences", "directory_thing", "require_consent", "may_introspect",
       "access_token_lifetime", "refresh_token_lifetime", "refresh_token_idle_lifetime"});
  for (const std::string_view name : kOfTheHouse) metadata.erase(name);
  return metadata;
}

}  // namespace

Answer<std::optional<Client>> find_client(Work& work, std::string_view tenant,
                                          std::string_view id) {
  const storage::Rows rows = TRY(
      work.query("SELECT document FROM oauth_client WHERE tenant = $1 AND id = $2", tenant, id));
  if (rows.empty()) return std::nullopt;
  return TRY(read_row(id, rows.front().text(0)));
}

Answer<void> Clients::check_thing(std::string_view tenant, const Client& client) const {
  if (client.thing.empty()) return {};
  const auto thing = parts_.registry.find(tenant, client.thing);
  const bool is_service =
      thing && (thing->kind == directory::Kind::kService ||
                thing->kind == directory::Kind::kAgent || thing->kind == directory::Kind::kDevice);
  if (is_service) return {};
  if (!thing && thing.error().code != ErrorCode::kNotFound) return std::unexpected(thing.error());
  return refuse(Fault::kInvalidClientMetadata,
                "'directory_thing' is no service, agent or device of the directory");
}

Answer<Clients::Written> Clients::keep(const Occasion& occasion, Client client,
                                       std::string_view id) {
  TRY_VOID(check_thing(occasion.tenant, client));
  return transact<Written>(parts_.store, [&](Work& work) -> Answer<Written> {
    Written written{.client = client, .secret = {}};
    if (id.empty()) {
      directory::UuidEntropy entropy;
      parts_.fill_random(entropy);
      written.client.id = directory::make_uuid7(occasion.now_ms, entropy);
    } else {
      const auto before = TRY(find_client(work, occasion.tenant, id));
      if (!before) return refuse(Fault::kInvalidClientMetadata, "there is no such client");
      written.client.id = id;
      written.client.secret_hashes = before->secret_hashes;
      written.client.is_self_registered = before->is_self_registered;
    }
    if (!has_secret(written.client)) {
      written.client.secret_hashes.clear();
    } else if (written.client.secret_hashes.empty()) {
      written.secret = add_secret(written.client, parts_.fill_random);
    }
    TRY_VOID(update_row(work, occasion, written.client));
    TRY_VOID(tell(parts_, work, occasion,
                  change_event(written.client, id.empty() ? "create" : "change")));
    return written;
  });
}

Answer<Clients::Written> Clients::write(const Occasion& occasion,
                                        const boost::json::object& metadata, std::string_view id) {
  return keep(occasion, TRY(read_client(metadata)), id);
}

Answer<Clients::Written> Clients::register_client(const Occasion& occasion,
                                                  const boost::json::object& metadata) {
  Client client = TRY(read_client(without_privileges(metadata)));
  if (client.may(GrantType::kClientCredentials) || client.may(GrantType::kTokenExchange)) {
    return refuse(Fault::kInvalidClientMetadata,
                  "'grant_types' has one that only the house gives to a client");
  }
  client.is_self_registered = true;
  return keep(occasion, std::move(client), {});
}

Answer<Secret> Clients::renew_secret(const Occasion& occasion, std::string_view id) {
  return transact<Secret>(parts_.store, [&](Work& work) -> Answer<Secret> {
    auto client = TRY(find_client(work, occasion.tenant, id));
    if (!client) return refuse(Fault::kInvalidRequest, "there is no such client");
    if (!has_secret(*client)) {
      return refuse(Fault::kInvalidRequest, "the client proves itself without a secret");
    }
    Secret secret = add_secret(*client, parts_.fill_random);
    TRY_VOID(update_row(work, occasion, *client));
    TRY_VOID(tell(parts_, work, occasion, change_event(*client, "renew secret")));
    return secret;
  });
}

Answer<std::optional<Client>> Clients::find(std::string_view tenant, std::string_view id) const {
  return look<std::optional<Client>>(parts_.store,
                                     [&](Work& work) { return find_client(work, tenant, id); });
}

Answer<std::vector<Client>> Clients::list(std::string_view tenant) const {
  return look<std::vector<Client>>(parts_.store, [&](Work& work) -> Answer<std::vector<Client>> {
    const storage::Rows rows = TRY(
        work.query("SELECT id, document FROM oauth_client WHERE tenant = $1 ORDER BY id", tenant));
    std::vector<Client> clients;
    for (const storage::Row row : rows) {
      clients.push_back(TRY(read_row(row.text(0), row.text(1))));
    }
    return clients;
  });
}

Answer<bool> Clients::remove(const Occasion& occasion, std::string_view id) {
  return transact<bool>(parts_.store, [&](Work& work) -> Answer<bool> {
    const auto client = TRY(find_client(work, occasion.tenant, id));
    if (!client) return false;
    TRY_VOID(end_grants(work, occasion, {.client = id}));
    TRY(work.run("DELETE FROM oauth_request WHERE tenant = $1 AND client = $2", occasion.tenant,
                 id));
    TRY(work.run("DELETE FROM oauth_consent WHERE tenant = $1 AND client = $2", occasion.tenant,
                 id));
    TRY(work.run("DELETE FROM oauth_client WHERE tenant = $1 AND id = $2", occasion.tenant, id));
    TRY_VOID(tell(parts_, work, occasion, change_event(*client, "remove")));
    return true;
  });
}

}  // namespace wardlock::oauth
