#pragma once

#include "storage/migration.h"

namespace wardlock::access {

/// Reviews of break-glass grants, as rows. Nothing here is ever deleted.
inline constexpr storage::Migration kGlassReviewTables = {.name = "break-glass reviews", .sql = R"(
CREATE TABLE glass_review (
  tenant TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  person TEXT NOT NULL,
  unit TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  drawn_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  late_ms BIGINT,
  finding TEXT,
  words TEXT NOT NULL,
  content TEXT NOT NULL,
  signer TEXT NOT NULL,
  printed_name TEXT NOT NULL,
  session TEXT NOT NULL,
  level BIGINT NOT NULL,
  methods TEXT NOT NULL,
  authenticated_ms BIGINT NOT NULL,
  signed_ms BIGINT,
  PRIMARY KEY (tenant, grant_id)
) STRICT;
CREATE INDEX glass_review_open ON glass_review (tenant, due_ms) WHERE signed_ms IS NULL;
CREATE INDEX glass_review_of ON glass_review (tenant, reviewer, due_ms);
)"};

}  // namespace wardlock::access
