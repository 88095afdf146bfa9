#pragma once

#include "base/error.h"
#include "storage/migration.h"
#include "storage/store.h"

namespace wardlock::authn {

/// People's authenticators, and what is under way: handles that were used, enrolments, recoveries.
/// Secrets of codes and addresses are in the table of secrets, sealed; all else by which somebody
/// could sign in is here as its hash.
inline constexpr storage::Migration kAccountTables = {.name = "people's authenticators", .sql = R"(
CREATE TABLE authenticator (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL REFERENCES thing (id),
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  state TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  used_ms BIGINT,
  expires_ms BIGINT,
  ended_ms BIGINT,
  place TEXT,
  verifier TEXT NOT NULL,
  counter BIGINT NOT NULL,
  familiar_failures BIGINT NOT NULL,
  strange_failures BIGINT NOT NULL
) STRICT;
CREATE INDEX authenticator_of_person ON authenticator (tenant, person);
CREATE UNIQUE INDEX authenticator_place ON authenticator (tenant, kind, place)
  WHERE place IS NOT NULL AND ended_ms IS NULL;
CREATE INDEX authenticator_until ON authenticator (expires_ms)
  WHERE expires_ms IS NOT NULL AND ended_ms IS NULL;

CREATE TABLE recovery_code (
  tenant TEXT NOT NULL,
  authenticator TEXT NOT NULL REFERENCES authenticator (id),
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, authenticator, hash)
) STRICT;

CREATE TABLE used_handle (
  handle TEXT PRIMARY KEY,
  until_ms BIGINT NOT NULL
) STRICT;
CREATE INDEX used_handle_until ON used_handle (until_ms);

CREATE TABLE enrolment (
  token TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL REFERENCES thing (id),
  purpose TEXT NOT NULL,
  credential TEXT,
  made_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  handle TEXT,
  begun_ms BIGINT,
  handle_until_ms BIGINT
) STRICT;
CREATE UNIQUE INDEX enrolment_of_person ON enrolment (tenant, person);
CREATE UNIQUE INDEX enrolment_handle ON enrolment (handle) WHERE handle IS NOT NULL;

CREATE TABLE recovery_request (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL REFERENCES thing (id),
  asked_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX recovery_request_of_person ON recovery_request (tenant, person);
)"};

/// A recovery waits, once it was approved, for whoever asked for it.
inline constexpr storage::Migration kApprovedRecoveries = {.name = "recoveries that were approved",
                                                           .sql = R"(
ALTER TABLE recovery_request ADD COLUMN approved_by TEXT;
)"};

/// Invitations and recoveries under way: where a backup was put in the place of a database, they
/// may have been used or withdrawn since.
Result<void> forget_all_enrolments(storage::Store& store);

}  // namespace wardlock::authn
