#pragma once

#include "base/error.h"
#include "storage/migration.h"
#include "storage/store.h"

namespace wardlock::authn {

/// Messages to people that wait, what was said to them already, and when codes were sent. A code
/// and where it goes are in the table of secrets, sealed.
inline constexpr storage::Migration kMessageTables = {.name = "messages to people", .sql = R"(
CREATE TABLE message (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  about TEXT NOT NULL,
  is_code BIGINT NOT NULL,
  details TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL
) STRICT;
CREATE INDEX message_next ON message (is_code, next_ms);
CREATE INDEX message_until ON message (until_ms);

CREATE TABLE message_said (
  tenant TEXT NOT NULL,
  what TEXT NOT NULL,
  until_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, what)
) STRICT;
CREATE INDEX message_said_until ON message_said (until_ms);

CREATE TABLE sent_code (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  is_familiar BIGINT NOT NULL,
  sent_ms BIGINT NOT NULL
) STRICT;
CREATE INDEX sent_code_of_person ON sent_code (tenant, person, sent_ms);
CREATE INDEX sent_code_when ON sent_code (sent_ms);
)"};

/// Where a backup was put in the place of a database, those that wait there may have been delivered
/// since, and their codes used.
Result<void> forget_all_messages(storage::Store& store);

}  // namespace wardlock::authn
