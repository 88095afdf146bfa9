#include "directory/registry/tables.h"

#include <array>

#include "secrets/secret_table.h"

namespace wardlock::directory {
namespace {

// What is deleted: attributes with the document they are of, answers with their age; nothing else.
// Partial indexes keep texts and numbers apart, so that each value is in one index.
constexpr auto kMigrations = std::to_array<storage::Migration>({
    {.name = "things, relations, changes", .sql = R"(
CREATE TABLE head (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
) STRICT;
INSERT INTO head (name, value) VALUES ('revision', 0);

CREATE TABLE thing (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX thing_of_kind ON thing (tenant, kind, id) WHERE state <> 'removed';

CREATE TABLE identifier (
  tenant TEXT NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL,
  thing TEXT NOT NULL REFERENCES thing (id),
  is_current BIGINT NOT NULL,
  PRIMARY KEY (tenant, type, value)
) STRICT;
CREATE INDEX identifier_of_thing ON identifier (thing);

CREATE TABLE attribute (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  position BIGINT NOT NULL,
  value TEXT,
  number BIGINT,
  thing TEXT NOT NULL REFERENCES thing (id),
  PRIMARY KEY (thing, name, position)
) STRICT;
CREATE INDEX attribute_value ON attribute (tenant, kind, name, value, thing, position)
  WHERE value IS NOT NULL;
CREATE INDEX attribute_number ON attribute (tenant, kind, name, number, thing, position)
  WHERE number IS NOT NULL;

CREATE TABLE relation (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL REFERENCES thing (id),
  object TEXT NOT NULL REFERENCES thing (id),
  scope TEXT REFERENCES thing (id),
  valid_from_ms BIGINT NOT NULL,
  valid_until_ms BIGINT,
  made_by_type TEXT NOT NULL,
  made_by_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX relation_of_subject ON relation (subject, kind);
CREATE INDEX relation_of_object ON relation (object, kind);
CREATE INDEX relation_of_scope ON relation (scope) WHERE scope IS NOT NULL;
CREATE INDEX relation_until ON relation (valid_until_ms) WHERE valid_until_ms IS NOT NULL;

CREATE TABLE outbox (
  revision BIGINT NOT NULL,
  item BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  draft BYTES NOT NULL,
  PRIMARY KEY (revision, item)
) STRICT;

CREATE TABLE change (
  revision BIGINT NOT NULL,
  item BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  tenant TEXT NOT NULL,
  what TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (revision, item)
) STRICT;
)"},
    {.name = "credentials", .sql = R"(
CREATE TABLE credential (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  thing TEXT NOT NULL REFERENCES thing (id),
  form TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  issued_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  revoked_ms BIGINT,
  last_used_ms BIGINT,
  issued_by_type TEXT NOT NULL,
  issued_by_id TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX credential_of_thing ON credential (thing);
CREATE INDEX credential_until ON credential (expires_ms) WHERE revoked_ms IS NULL
)"},
    {.name = "answers that may be asked for again", .sql = R"(
CREATE TABLE kept_answer (
  tenant TEXT NOT NULL,
  asker_type TEXT NOT NULL,
  asker_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  thing TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, asker_type, asker_id, key)
) STRICT;
CREATE INDEX kept_answer_age ON kept_answer (made_ms);
CREATE INDEX kept_answer_of_thing ON kept_answer (tenant, thing);
)"},
    secrets::kSecretTable,
    {.name = "tasks that one node does at a time", .sql = R"(
CREATE TABLE task (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  holder TEXT NOT NULL,
  busy_until_ms BIGINT NOT NULL,
  finished_ms BIGINT NOT NULL,
  notes TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT;
)"},
    // Until then nothing took them into a log.
    {.name = "events go to the log of the node that made them", .sql = R"(
ALTER TABLE outbox ADD COLUMN node TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_of_node ON outbox (node, revision, item);
CREATE TABLE log_place (
  node TEXT PRIMARY KEY,
  origin TEXT NOT NULL,
  size BIGINT NOT NULL
) STRICT
)"},
    {.name = "nodes that are gone for good are known",
     .sql = "ALTER TABLE log_place ADD COLUMN seen_ms BIGINT NOT NULL DEFAULT 0"},
    // What was ended before says so only by its time, which no clock here may have reached yet.
    {.name = "what was ended stays so, whatever the clock says", .sql = R"(
ALTER TABLE relation ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
UPDATE relation SET ended = 1 WHERE
  valid_until_ms <= (SELECT max(changed_ms) FROM thing) OR
  valid_until_ms <= (SELECT max(made_ms) FROM change)
)"},
    // The devices that run a version, some at a time.
    {.name = "subjects of an object in their order", .sql = R"(
DROP INDEX relation_of_object;
CREATE INDEX relation_of_object ON relation (object, kind, subject)
)"},
});

}  // namespace

std::span<const storage::Migration> migrations() { return kMigrations; }

}  // namespace wardlock::directory
