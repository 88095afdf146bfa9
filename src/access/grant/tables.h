#pragma once

#include "storage/migration.h"

namespace wardlock::access {

/// Break-glass grants and what became of them, as rows. Nothing here is ever deleted.
inline constexpr storage::Migration kGlassTables = {.name = "break-glass grants", .sql = R"(
CREATE TABLE glass_grant (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  target TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT NOT NULL,
  actions TEXT NOT NULL,
  waives TEXT NOT NULL,
  opened_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  warned BIGINT NOT NULL,
  in_shift BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  review_due_ms BIGINT NOT NULL,
  session TEXT NOT NULL,
  level BIGINT NOT NULL,
  methods TEXT NOT NULL,
  authenticated_ms BIGINT NOT NULL,
  caller TEXT NOT NULL,
  ended_ms BIGINT,
  end_cause TEXT,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX glass_grant_open ON glass_grant (tenant, expires_ms) WHERE ended_ms IS NULL;
CREATE INDEX glass_grant_of_person ON glass_grant (tenant, person, opened_ms);
CREATE INDEX glass_grant_of_target ON glass_grant (tenant, target, opened_ms);

CREATE TABLE glass_step (
  tenant TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  step TEXT NOT NULL,
  person TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, grant_id, number)
) STRICT;
)"};

/// Grants whose opening those whom it concerns have not been told of yet.
inline constexpr storage::Migration kGlassUntold = {.name = "break-glass grants to tell of",
                                                    .sql = R"(
CREATE TABLE glass_untold (
  tenant TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  PRIMARY KEY (tenant, grant_id)
) STRICT;
)"};

}  // namespace wardlock::access
