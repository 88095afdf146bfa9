#pragma once

#include "storage/migration.h"

namespace wardlock::directory {

/// The latest that a source has told of each attribute of each thing.
inline constexpr storage::Migration kToldTables = {.name = "told_attributes", .sql = R"(
CREATE TABLE told_attribute (
  tenant TEXT NOT NULL,
  thing TEXT NOT NULL,
  attribute TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  observed_ms BIGINT NOT NULL,
  told_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, thing, attribute)
) STRICT;
CREATE INDEX told_attribute_of_source ON told_attribute (tenant, source, observed_ms);
)"};

}  // namespace wardlock::directory
