#pragma once

#include "storage/migration.h"

namespace wardlock::access {

/// Requests for roles and what became of them, as rows. Nothing here is ever deleted.
inline constexpr storage::Migration kRoleRequestTables = {.name = "role requests", .sql = R"(
CREATE TABLE role_request (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  scope TEXT NOT NULL,
  lasts_ms BIGINT NOT NULL,
  reason TEXT NOT NULL,
  ticket TEXT NOT NULL,
  asked_through TEXT NOT NULL,
  asked_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  state TEXT NOT NULL,
  words TEXT NOT NULL,
  relation TEXT NOT NULL,
  ends_ms BIGINT,
  closed_ms BIGINT,
  closed_by TEXT NOT NULL,
  content TEXT NOT NULL,
  signer TEXT NOT NULL,
  printed_name TEXT NOT NULL,
  meaning TEXT NOT NULL,
  session TEXT NOT NULL,
  level BIGINT NOT NULL,
  methods TEXT NOT NULL,
  authenticated_ms BIGINT NOT NULL,
  signed_ms BIGINT,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX role_request_live ON role_request (tenant, id) WHERE closed_ms IS NULL;
CREATE INDEX role_request_of ON role_request (tenant, person, id);
)"};

/// Requests that others agree to one action on one thing are such requests, too.
inline constexpr storage::Migration kActionRequests = {.name = "requests for actions", .sql = R"(
ALTER TABLE role_request ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE role_request ADD COLUMN target TEXT NOT NULL DEFAULT '';
)"};

}  // namespace wardlock::access
