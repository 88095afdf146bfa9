#include "authn/oauth/consents.h"

#include <algorithm>
#include <map>
#include <utility>

#include "authn/oauth/client_rows.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"

namespace wardlock::oauth {
namespace {

using storage::Work;
using ByClient = std::map<std::string, GivenAccess, std::less<>>;

GivenAccess& entry_of(ByClient& all, std::string_view client, std::int64_t since_ms) {
  const auto [found, is_new] = all.try_emplace(std::string(client));
  GivenAccess& given = found->second;
  given.client = client;
  given.since_ms = is_new ? since_ms : std::min(given.since_ms, since_ms);
  return given;
}

void add_scopes(const std::vector<std::string>& scopes, GivenAccess& given) {
  for (const std::string& scope : scopes) {
    if (!has_scope(given.scopes, scope)) given.scopes.push_back(scope);
  }
}

Result<void> add_consents(Work& work, const Occasion& occasion, std::string_view person,
                          ByClient& all) {
  const storage::Rows rows =
      TRY(work.query("SELECT client, scopes, given_ms FROM oauth_consent WHERE tenant = $1 AND "
                     "person = $2",
                     occasion.tenant, person));
  for (const storage::Row row : rows) {
    add_scopes(split_words(row.text(1)), entry_of(all, row.text(0), row.integer(2)));
  }
  return {};
}

/// Those that are live; of others' tokens (RFC 8693) the one they came of stands for them.
Result<void> add_grants(Work& work, const Occasion& occasion, std::string_view person,
                        ByClient& all) {
  const storage::Rows rows =
      TRY(work.query("SELECT document FROM oauth_grant WHERE tenant = $1 AND person = $2 AND "
                     "ended_ms IS NULL AND ends_ms > $3 AND parent = ''",
                     occasion.tenant, person, occasion.now_ms));
  for (const storage::Row row : rows) {
    const Grant grant = TRY(read_grant_text(row.text(0)));
    GivenAccess& given = entry_of(all, grant.client, grant.made_ms);
    add_scopes(grant.scopes, given);
    given.is_lasting |= grant.is_offline();
  }
  return {};
}

}  // namespace

Answer<std::optional<std::vector<std::string>>> consented(Work& work, const Occasion& occasion,
                                                          std::string_view person,
                                                          std::string_view client) {
  const storage::Rows rows =
      TRY(work.query("SELECT scopes FROM oauth_consent WHERE tenant = $1 AND person = $2 AND "
                     "client = $3",
                     occasion.tenant, person, client));
  if (rows.empty()) return std::nullopt;
  return split_words(rows.front().text(0));
}

Answer<void> remember_consent(Work& work, const Occasion& occasion, std::string_view person,
                              std::string_view client, const std::vector<std::string>& scopes) {
  const auto before = TRY(consented(work, occasion, person, client));
  std::vector<std::string> all = before.value_or(std::vector<std::string>());
  for (const std::string& scope : scopes) {
    if (!has_scope(all, scope)) all.push_back(scope);
  }
  TRY(
      work.run("INSERT INTO oauth_consent (tenant, person, client, scopes, given_ms) "
               "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, person, client) DO UPDATE SET "
               "scopes = $4, given_ms = $5",
               occasion.tenant, person, client, join_words(all), occasion.now_ms));
  return {};
}

Answer<std::vector<GivenAccess>> Consents::given_by(const Occasion& occasion,
                                                    std::string_view person) const {
  using All = std::vector<GivenAccess>;
  return look<All>(parts_.store, [&](Work& work) -> Answer<All> {
    ByClient by_client;
    TRY_VOID(add_consents(work, occasion, person, by_client));
    TRY_VOID(add_grants(work, occasion, person, by_client));
    All all;
    for (auto& [id, given] : by_client) {
      const auto kept = TRY(find_kept_client(work, occasion.tenant, id));
      given.client_name = kept ? kept->client.name : id;
      all.push_back(std::move(given));
    }
    return all;
  });
}

Answer<bool> Consents::withdraw(const Occasion& occasion, const Withdrawal& withdrawal) {
  return transact<bool>(parts_.store, [&](Work& work) -> Answer<bool> {
    const std::uint64_t forgotten =
        TRY(work.run("DELETE FROM oauth_consent WHERE tenant = $1 AND person = $2 AND client = $3",
                     occasion.tenant, withdrawal.person, withdrawal.client));
    const std::uint64_t ended =
        TRY(end_grants(work, occasion, {.client = withdrawal.client, .person = withdrawal.person}));
    if (forgotten + ended == 0) return false;
    TRY_VOID(tell(parts_, work, occasion,
                  {.kind = event::Kind::kCredentialChange,
                   .principal_type = "User",
                   .principal_id = withdrawal.person,
                   .source_address = withdrawal.source_address,
                   .session = withdrawal.session,
                   .action = "withdraw_access",
                   .resource_type = "OAuthClient",
                   .resource_id = withdrawal.client,
                   .affected_type = "User",
                   .affected_id = withdrawal.person}));
    return true;
  });
}

}  // namespace wardlock::oauth
