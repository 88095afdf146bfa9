#include "authn/oauth/tables.h"

#include <array>
#include <string>
#include <string_view>

namespace wardlock::oauth {
namespace {

// Of what lets somebody in there are hashes alone. What is over is deleted with its age.
constexpr auto kMigrations = std::to_array<storage::Migration>({
    {.name = "OAuth clients, grants, tokens, keys", .sql = R"(
CREATE TABLE oauth_head (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
) STRICT;
INSERT INTO oauth_head (name, value) VALUES ('number', 0);

CREATE TABLE oauth_client (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE oauth_request (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  form TEXT NOT NULL,
  client TEXT NOT NULL,
  document TEXT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, hash)
) STRICT;
CREATE INDEX oauth_request_until ON oauth_request (until_ms);

CREATE TABLE oauth_grant (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  client TEXT NOT NULL,
  person TEXT NOT NULL,
  session TEXT NOT NULL,
  parent TEXT NOT NULL,
  is_offline BIGINT NOT NULL,
  document TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  ended_ms BIGINT,
  ended_number BIGINT,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX oauth_grant_client ON oauth_grant (tenant, client) WHERE ended_ms IS NULL;
CREATE INDEX oauth_grant_person ON oauth_grant (tenant, person) WHERE ended_ms IS NULL;
CREATE INDEX oauth_grant_session ON oauth_grant (tenant, session) WHERE ended_ms IS NULL;
CREATE INDEX oauth_grant_parent ON oauth_grant (tenant, parent) WHERE ended_ms IS NULL;
CREATE INDEX oauth_grant_ends ON oauth_grant (ends_ms);
CREATE INDEX oauth_grant_ended ON oauth_grant (ended_number) WHERE ended_number IS NOT NULL;

CREATE TABLE oauth_token (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  form TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  document TEXT NOT NULL,
  number BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  used_ms BIGINT,
  PRIMARY KEY (tenant, hash)
) STRICT;
CREATE INDEX oauth_token_grant ON oauth_token (tenant, grant_id);
CREATE INDEX oauth_token_until ON oauth_token (until_ms);
CREATE INDEX oauth_token_number ON oauth_token (number) WHERE form = 'access';

CREATE TABLE oauth_consent (
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  given_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, person, client)
) STRICT;

CREATE TABLE oauth_seen (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, hash)
) STRICT;
CREATE INDEX oauth_seen_until ON oauth_seen (until_ms);

CREATE TABLE oauth_key (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  signs_from_ms BIGINT NOT NULL,
  known_until_ms BIGINT,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE oauth_logout (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  client TEXT NOT NULL,
  uri TEXT NOT NULL,
  token TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX oauth_logout_next ON oauth_logout (next_ms);
)"},
    {.name = "how far OAuth has followed the ends of sessions", .sql = R"(
INSERT INTO oauth_head (name, value) VALUES ('sessions', 0);
CREATE INDEX oauth_logout_until ON oauth_logout (until_ms);
)"},
});

}  // namespace

constinit const storage::Migration kInvitationTables = {.name = "invitations of clients", .sql = R"(
CREATE TABLE oauth_invitation (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  maker_type TEXT NOT NULL,
  maker TEXT NOT NULL,
  note TEXT NOT NULL,
  scopes TEXT NOT NULL,
  uses_left BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE UNIQUE INDEX oauth_invitation_hash ON oauth_invitation (tenant, hash);
CREATE INDEX oauth_invitation_until ON oauth_invitation (until_ms);
)"};

std::span<const storage::Migration> migrations() { return kMigrations; }

Result<void> forget_all_grants(storage::Store& store) {
  return store.write([](storage::Work& work) -> Result<void> {
    for (const std::string_view sql :
         {"DELETE FROM oauth_request", "DELETE FROM oauth_token", "DELETE FROM oauth_grant",
          "DELETE FROM oauth_consent", "DELETE FROM oauth_logout",
          "DELETE FROM oauth_invitation"}) {
      TRY(work.run(sql));
    }
    work.notify(std::string(kChangeChannel));
    return {};
  });
}

}  // namespace wardlock::oauth
