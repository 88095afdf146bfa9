#pragma once

#include "storage/migration.h"

namespace wardlock::access {

/// Patients' consents, and each version of them. Nothing here is ever deleted.
inline constexpr storage::Migration kConsentTables = {.name = "consents", .sql = R"(
CREATE TABLE consent (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  patient TEXT NOT NULL,
  version BIGINT NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX consent_of ON consent (tenant, patient);
CREATE INDEX consent_active ON consent (tenant, id) WHERE status = 'active';
CREATE TABLE consent_version (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  patient TEXT NOT NULL,
  status TEXT NOT NULL,
  document TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_through TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, id, version)
) STRICT;
)"};

}  // namespace wardlock::access
