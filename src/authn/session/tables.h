#pragma once

#include <string_view>

#include "base/error.h"
#include "storage/migration.h"
#include "storage/store.h"

namespace wardlock::authn {

/// Notified after each change of a session, with `storage::Store::listen`.
inline constexpr std::string_view kSessionChannel = "session_change";

/// Sessions as rows: of tokens the hashes alone. `changed` counts changes, so that each node finds
/// what is new; what has ended stays for a while, so that they find that, too.
inline constexpr storage::Migration kSessionTables = {.name = "sessions", .sql = R"(
CREATE TABLE session_head (
  changed BIGINT NOT NULL
) STRICT;
INSERT INTO session_head (changed) VALUES (0);

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  environment TEXT NOT NULL,
  workstation TEXT NOT NULL,
  authenticators TEXT NOT NULL,
  level BIGINT NOT NULL,
  methods BIGINT NOT NULL,
  proofs BIGINT NOT NULL,
  authenticated_ms BIGINT NOT NULL,
  started_ms BIGINT NOT NULL,
  idle_until_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  family BYTES NOT NULL,
  token BYTES NOT NULL,
  token_before BYTES NOT NULL,
  rotated_ms BIGINT NOT NULL,
  is_locked BIGINT NOT NULL,
  unlock_failures BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  ended_ms BIGINT,
  end_reason TEXT
) STRICT;
CREATE INDEX session_of_person ON session (tenant, person) WHERE ended_ms IS NULL;
CREATE INDEX session_changed ON session (changed);
CREATE INDEX session_ended ON session (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX session_ends ON session (ends_ms) WHERE ended_ms IS NULL;
)"};

/// Signs everybody out: where a backup was put in the place of a database, sessions in it may have
/// ended since. For who has the store to themselves.
Result<void> forget_all_sessions(storage::Store& store);

}  // namespace wardlock::authn
