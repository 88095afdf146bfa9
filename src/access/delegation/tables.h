#pragma once

#include "storage/migration.h"

namespace wardlock::access {

/// Delegations and what became of them, as rows. Nothing here is ever deleted.
inline constexpr storage::Migration kDelegationTables = {.name = "delegations", .sql = R"(
CREATE TABLE delegation (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  delegator TEXT NOT NULL,
  delegator_kind TEXT NOT NULL,
  delegate TEXT NOT NULL,
  target TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  actions TEXT NOT NULL,
  purpose TEXT NOT NULL,
  ticket TEXT NOT NULL,
  words TEXT NOT NULL,
  onward BIGINT NOT NULL,
  passes_on TEXT NOT NULL,
  begins_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  made_through TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  ended_ms BIGINT,
  end_cause TEXT,
  ended_by TEXT,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX delegation_unended ON delegation (tenant, ends_ms) WHERE ended_ms IS NULL;
CREATE INDEX delegation_by ON delegation (tenant, delegator);
CREATE INDEX delegation_to ON delegation (tenant, delegate);
CREATE INDEX delegation_for ON delegation (tenant, target);
CREATE INDEX delegation_passed_on ON delegation (tenant, passes_on) WHERE passes_on <> '';
)"};

}  // namespace wardlock::access
