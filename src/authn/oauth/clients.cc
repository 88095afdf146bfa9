#include "authn/oauth/clients.h"

#include "authn/oauth/client_event.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/transaction.h"
#include "directory/registry/registry.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

}  // namespace

Answer<std::optional<Client>> find_client(Work& work, std::string_view tenant,
                                          std::string_view id) {
  auto kept = TRY(find_kept_client(work, tenant, id));
  if (!kept || !kept->client.is_enabled) return std::nullopt;
  return std::move(kept->client);
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
    std::string before;
    WrittenClient written;
    if (id.empty()) {
      written = TRY(enter_client(work, occasion, client, parts_.fill_random));
    } else {
      const auto kept = TRY(find_kept_client(work, occasion.tenant, id));
      if (!kept) return refuse(Fault::kInvalidClientMetadata, "there is no such client");
      before = told(kept->client);
      written = TRY(replace_client(work, occasion, *kept, client, parts_.fill_random));
    }
    const Client& after = written.kept.client;
    TRY_VOID(tell(parts_, work, occasion,
                  client_event(after.id, id.empty() ? "create" : "change", before, told(after))));
    return Written{.client = after, .secret = std::move(written.secret)};
  });
}

Answer<Clients::Written> Clients::write(const Occasion& occasion,
                                        const boost::json::object& metadata, std::string_view id) {
  return keep(occasion, TRY(read_client(metadata)), id);
}

Answer<void> Clients::enter_own(const Occasion& occasion, const Client& client) {
  return transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    if (!TRY(enter_client_once(work, occasion, client))) return {};
    TRY_VOID(tell(parts_, work, occasion,
                  client_event(client.id, "create", std::string(), told(client))));
    return {};
  });
}

Answer<Secret> Clients::renew_secret(const Occasion& occasion, std::string_view id) {
  return transact<Secret>(parts_.store, [&](Work& work) -> Answer<Secret> {
    const auto kept = TRY(find_kept_client(work, occasion.tenant, id));
    if (!kept) return refuse(Fault::kInvalidRequest, "there is no such client");
    auto written = renew_client_secret(work, occasion, *kept, false, parts_.fill_random);
    if (!written && written.error().code == ErrorCode::kFailedPrecondition) {
      return refuse(Fault::kInvalidRequest, written.error().message);
    }
    if (!written) return std::unexpected(written.error());
    TRY_VOID(tell(parts_, work, occasion,
                  client_event(id, "renewSecret", told(kept->client), told(written->kept.client))));
    return *std::move(written->secret);
  });
}

Answer<std::optional<Client>> Clients::find(std::string_view tenant, std::string_view id) const {
  return look<std::optional<Client>>(parts_.store,
                                     [&](Work& work) { return find_client(work, tenant, id); });
}

Answer<std::vector<Client>> Clients::list(std::string_view tenant) const {
  return look<std::vector<Client>>(parts_.store, [&](Work& work) -> Answer<std::vector<Client>> {
    std::vector<Client> clients;
    auto all = TRY(list_kept_clients(work, tenant));
    for (KeptClient& each : all) clients.push_back(std::move(each.client));
    return clients;
  });
}

Answer<bool> Clients::remove(const Occasion& occasion, std::string_view id) {
  return transact<bool>(parts_.store, [&](Work& work) -> Answer<bool> {
    const auto kept = TRY(find_kept_client(work, occasion.tenant, id));
    if (!kept) return false;
    TRY_VOID(erase_client(work, occasion, id));
    TRY_VOID(tell(parts_, work, occasion, client_event(id, "remove", told(kept->client), {})));
    return true;
  });
}

}  // namespace wardlock::oauth
