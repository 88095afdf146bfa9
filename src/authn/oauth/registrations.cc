#include "authn/oauth/registrations.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "authn/oauth/client_event.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/ticket.h"
#include "authn/oauth/transaction.h"
#include "crypto/digest.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;
using storage::Work;

/// Through what a client that registers has come, for events.
constexpr std::string_view kThrough = "registration";

/// In the same words whatever is wrong, so that nobody finds out which clients there are.
std::unexpected<Refusal> refuse_token() {
  return refuse(Fault::kInvalidToken, "the token is not known, is over, or was used up");
}

/// Of a description that strangers send: what only the house gives is left out.
object without_privileges(object metadata) {
  constexpr auto kOfTheHouse = std::to_array<std::string_view>(
      {"audiences", "exchange_audiences", "directory_thing", "require_consent", "may_introspect",
       "access_token_lifetime", "refresh_token_lifetime", "refresh_token_idle_lifetime"});
  for (const std::string_view name : kOfTheHouse) metadata.erase(name);
  return metadata;
}

std::vector<std::string> allowed_scopes(const std::optional<ClientInvitation>& invitation) {
  if (invitation && !invitation->scopes.empty()) return invitation->scopes;
  const auto usual = Registrations::usual_scopes();
  return {usual.begin(), usual.end()};
}

/// With which somebody acts in nobody's name but the client's.
Answer<void> check_grants(const Client& client) {
  if (!client.may(GrantType::kClientCredentials) && !client.may(GrantType::kTokenExchange)) {
    return {};
  }
  return refuse(Fault::kInvalidClientMetadata,
                "'grant_types' has one that only the house gives to a client");
}

Answer<void> check_own_scopes(const std::vector<std::string>& asked,
                              const std::vector<std::string>& allowed) {
  const auto good = check_scopes(asked, allowed);
  if (good) return {};
  return refuse(Fault::kInvalidClientMetadata,
                "'scope' has one that this registration may not have; ask the house for it");
}

/// What describes a new client.
Answer<Client> read_new(const object& metadata, const std::optional<ClientInvitation>& invitation) {
  Client client = TRY(read_client(without_privileges(metadata)));
  TRY_VOID(check_grants(client));
  const std::vector<std::string> allowed = allowed_scopes(invitation);
  if (client.scopes.empty()) client.scopes = allowed;
  TRY_VOID(check_own_scopes(client.scopes, allowed));
  if (has_scope(client.scopes, kAdministrationScope) ||
      has_scope(client.scopes, kBreakGlassScope)) {
    return refuse(Fault::kInvalidClientMetadata,
                  "'scope' has one that only the house gives to a client");
  }
  client.is_self_registered = true;
  return client;
}

/// RFC 7592, 2.2: what comes back as we told it is no description, and the secret is proof.
Answer<void> check_told(const Client& before, const object& metadata) {
  for (const std::string_view name : {"registration_access_token", "registration_client_uri",
                                      "client_secret_expires_at", "client_id_issued_at"}) {
    if (!metadata.contains(name)) continue;
    return refuse(Fault::kInvalidClientMetadata,
                  "what only the server says of a registration is not to be sent back");
  }
  const codec::Json* id = metadata.if_contains("client_id");
  if (id == nullptr || !id->is_string() || id->get_string() != before.id) {
    return refuse(Fault::kInvalidClientMetadata, "'client_id' is missing, or another client's");
  }
  const codec::Json* secret = metadata.if_contains("client_secret");
  if (secret == nullptr) return {};
  const std::string hash = secret->is_string() ? hash_of(secret->get_string()) : std::string();
  bool is_own = false;
  for (const std::string& each : before.secret_hashes) {
    is_own = crypto::equal_in_constant_time(hash, each) || is_own;
  }
  if (is_own) return {};
  return refuse(Fault::kInvalidClientMetadata, "'client_secret' is not the client's");
}

/// Described anew, with no more than it had. The house has given it nothing: what the house
/// changes, the house looks after.
Answer<Client> read_next(const Client& before, const object& metadata) {
  Client next = TRY(read_client(without_privileges(metadata)));
  TRY_VOID(check_grants(next));
  if (next.scopes.empty()) next.scopes = before.scopes;
  TRY_VOID(check_own_scopes(next.scopes, before.scopes));
  next.registration_hash = before.registration_hash;
  return next;
}

/// Who could have answers sent there has them sent to somebody else, maybe.
Result<void> end_where_elsewhere(Work& work, const Occasion& occasion, const Client& before,
                                 const Client& next) {
  const auto is_known = [&](const std::string& uri) {
    return std::ranges::find(before.redirect_uris, uri) != before.redirect_uris.end();
  };
  if (std::ranges::all_of(next.redirect_uris, is_known)) return {};
  TRY(work.run("DELETE FROM oauth_consent WHERE tenant = $1 AND client = $2", occasion.tenant,
               before.id));
  return {};
}

Result<std::int64_t> count_clients(Work& work, const Occasion& occasion) {
  const storage::Rows rows =
      TRY(work.query("SELECT COUNT(*) FROM oauth_client WHERE tenant = $1", occasion.tenant));
  return rows.front().integer(0);
}

/// Its own doing, or that of who invited it.
event::Event with_actor(event::Event event, std::string_view type, std::string_view id,
                        std::string_view source_address) {
  event.principal_type = type;
  event.principal_id = id;
  event.caller = kThrough;
  event.source_address = source_address;
  return event;
}

}  // namespace

std::span<const std::string_view> Registrations::usual_scopes() {
  static constexpr auto kUsual =
      std::to_array<std::string_view>({"openid", "profile", "email", "offline_access"});
  return kUsual;
}

Answer<RegisteredClient> Registrations::keep(Work& work, const Occasion& occasion,
                                             const Registrant& registrant,
                                             std::string_view invitation,
                                             std::string_view source_address, Client client) {
  if (TRY(count_clients(work, occasion)) >= kMostClients) {
    return refuse(Fault::kTemporarilyUnavailable, "there are too many clients; tell the house");
  }
  if (!invitation.empty() && !TRY(use_invitation(work, occasion, invitation))) {
    return refuse_token();
  }
  std::string token = new_ticket(Ticket::kRegistration, parts_.fill_random);
  client.registration_hash = hash_of(token);
  RegisteredClient registered{.kept = {}, .registration_token = Secret(token)};
  wipe(token);
  WrittenClient written = TRY(enter_client(work, occasion, std::move(client), parts_.fill_random));
  const std::string after = told(written.kept.client);
  const bool is_anybody = registrant.maker.empty();
  TRY_VOID(tell(parts_, work, occasion,
                with_actor(client_event(written.kept.client.id, "register", {}, after),
                           is_anybody ? "OAuthClient" : std::string_view(registrant.maker_type),
                           is_anybody ? std::string_view(written.kept.client.id)
                                      : std::string_view(registrant.maker),
                           source_address)));
  registered.kept = std::move(written.kept);
  registered.secret = std::move(written.secret);
  return registered;
}

/// The invitation that the token is. Nothing: none came.
Answer<std::optional<ClientInvitation>> Registrations::find_given(const Occasion& occasion,
                                                                  const Request& request) const {
  if (!request.token) return std::nullopt;
  return look<std::optional<ClientInvitation>>(
      parts_.store, [&](Work& work) -> Answer<std::optional<ClientInvitation>> {
        auto found = TRY(find_invitation(work, occasion, *request.token));
        if (!found) return refuse_token();
        return found;
      });
}

/// The description as who vouches for the program has it. Nothing: nobody does.
Answer<std::optional<SoftwareStatement>> Registrations::find_vouched(const Occasion& occasion,
                                                                     const object& metadata) const {
  const codec::Json* statement = metadata.if_contains("software_statement");
  if (statement == nullptr) return std::nullopt;
  if (!statement->is_string()) {
    return refuse(Fault::kInvalidSoftwareStatement, "'software_statement' is no text");
  }
  return TRY(verify_software_statement(statement->get_string(), trusted_, occasion));
}

Answer<RegisteredClient> Registrations::enter(const Occasion& occasion, const Request& request,
                                              const MayRegister& may_register) {
  const auto invitation = TRY(find_given(occasion, request));
  const auto vouched = TRY(find_vouched(occasion, request.metadata));
  const Registrant registrant{.maker_type = invitation ? invitation->maker_type : "",
                              .maker = invitation ? invitation->maker : "",
                              .software_issuer = vouched ? vouched->issuer : ""};
  TRY_VOID(may_register(registrant));
  const Client client =
      TRY(read_new(vouched ? vouched->over(request.metadata) : request.metadata, invitation));
  const std::string used = invitation ? invitation->id : "";
  auto registered =
      TRY(transact<RegisteredClient>(parts_.store, [&](Work& work) -> Answer<RegisteredClient> {
        return keep(work, occasion, registrant, used, request.source_address, client);
      }));
  if (vouched)
    registered.software_statement = request.metadata.at("software_statement").as_string();
  return registered;
}

Answer<KeptClient> Registrations::find_managed(Work& work, const Occasion& occasion,
                                               const Management& which) const {
  auto kept = TRY(find_kept_client(work, occasion.tenant, which.client));
  const bool is_own =
      kept && kept->client.is_enabled && is_ticket(Ticket::kRegistration, which.token) &&
      crypto::equal_in_constant_time(hash_of(which.token), kept->client.registration_hash);
  if (!is_own) return refuse_token();
  return *std::move(kept);
}

Answer<KeptClient> Registrations::read(const Occasion& occasion, const Management& which) const {
  return look<KeptClient>(parts_.store, [&](Work& work) -> Answer<KeptClient> {
    return find_managed(work, occasion, which);
  });
}

Answer<RegisteredClient> Registrations::replace(const Occasion& occasion, const Management& which,
                                                const object& metadata) {
  return transact<RegisteredClient>(parts_.store, [&](Work& work) -> Answer<RegisteredClient> {
    const KeptClient before = TRY(find_managed(work, occasion, which));
    TRY_VOID(check_told(before.client, metadata));
    if (metadata.contains("software_statement")) {
      return refuse(Fault::kInvalidSoftwareStatement,
                    "a software statement counts where a client registers anew");
    }
    Client next = TRY(read_next(before.client, metadata));
    TRY_VOID(end_where_elsewhere(work, occasion, before.client, next));
    WrittenClient written =
        TRY(replace_client(work, occasion, before, std::move(next), parts_.fill_random));
    const std::string was = told(before.client);
    const std::string is = told(written.kept.client);
    TRY_VOID(tell(parts_, work, occasion,
                  with_actor(client_event(which.client, "change", was, is), "OAuthClient",
                             which.client, which.source_address)));
    return RegisteredClient{.kept = std::move(written.kept),
                            .secret = std::move(written.secret),
                            .registration_token = Secret(which.token)};
  });
}

Answer<void> Registrations::remove(const Occasion& occasion, const Management& which) {
  return transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    const KeptClient kept = TRY(find_managed(work, occasion, which));
    TRY_VOID(erase_client(work, occasion, which.client));
    const std::string was = told(kept.client);
    TRY_VOID(tell(parts_, work, occasion,
                  with_actor(client_event(which.client, "remove", was, {}), "OAuthClient",
                             which.client, which.source_address)));
    return {};
  });
}

}  // namespace wardlock::oauth
