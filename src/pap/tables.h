#pragma once

#include <string_view>

#include "storage/migration.h"

namespace wardlock::pap {

/// Notified after each activation, with `storage::Store::listen`.
inline constexpr std::string_view kActivationChannel = "policy_activation";

/// Policy changes as rows. Nothing of these is ever deleted. `bytes` is bundle::Content::bytes().
inline constexpr storage::Migration kPolicyTables = {.name = "policy changes", .sql = R"(
CREATE TABLE policy_content (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes BYTES NOT NULL,
  made_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT;

CREATE TABLE policy_draft (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  environment TEXT NOT NULL,
  author TEXT NOT NULL,
  title TEXT NOT NULL,
  base TEXT NOT NULL,
  content TEXT NOT NULL,
  edition BIGINT NOT NULL,
  state TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX policy_draft_of ON policy_draft (tenant, environment, id);

CREATE TABLE policy_draft_step (
  tenant TEXT NOT NULL,
  draft TEXT NOT NULL,
  number BIGINT NOT NULL,
  step TEXT NOT NULL,
  person TEXT NOT NULL,
  content TEXT NOT NULL,
  reason TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, draft, number)
) STRICT;

CREATE TABLE policy_check (
  tenant TEXT NOT NULL,
  draft TEXT NOT NULL,
  content TEXT NOT NULL,
  base TEXT NOT NULL,
  name TEXT NOT NULL,
  number BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  report TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, draft, content, base, name, number)
) STRICT;

CREATE TABLE policy_signature (
  tenant TEXT NOT NULL,
  draft TEXT NOT NULL,
  content TEXT NOT NULL,
  number BIGINT NOT NULL,
  person TEXT NOT NULL,
  printed_name TEXT NOT NULL,
  meaning TEXT NOT NULL,
  comment TEXT NOT NULL,
  session TEXT NOT NULL,
  level BIGINT NOT NULL,
  methods TEXT NOT NULL,
  authenticated_ms BIGINT NOT NULL,
  signed_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, draft, content, number)
) STRICT;

CREATE TABLE policy_activation (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  serial BIGINT NOT NULL,
  content TEXT NOT NULL,
  draft TEXT NOT NULL,
  cause TEXT NOT NULL,
  person TEXT NOT NULL,
  reason TEXT NOT NULL,
  envelope TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  starts_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  approve_by_ms BIGINT,
  PRIMARY KEY (tenant, environment, serial)
) STRICT;
CREATE INDEX policy_activation_of_draft ON policy_activation (tenant, draft);
)"};

/// Drafts that are tried beside what is in force. `kinds` is a JSON array of
/// objects.
inline constexpr storage::Migration kShadowTables = {.name = "policies in the shadow", .sql = R"(
CREATE TABLE policy_shadow (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  number BIGINT NOT NULL,
  draft TEXT NOT NULL,
  content TEXT NOT NULL,
  limit_count BIGINT NOT NULL,
  limit_permille BIGINT NOT NULL,
  person TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  ended TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  ended_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, environment, number)
) STRICT;
CREATE UNIQUE INDEX policy_shadow_running ON policy_shadow (tenant, environment)
  WHERE ended = 'running';

CREATE TABLE policy_shadow_count (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  number BIGINT NOT NULL,
  node TEXT NOT NULL,
  compared BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  gained BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  kinds TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, environment, number, node)
) STRICT;
)"};

/// Drafts that decide a part of the questions. For which part, a canary's statement says, in its
/// envelope. `kinds` as above.
inline constexpr storage::Migration kCanaryTables = {.name = "policies for a part", .sql = R"(
CREATE TABLE policy_canary (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  number BIGINT NOT NULL,
  serial BIGINT NOT NULL,
  draft TEXT NOT NULL,
  content TEXT NOT NULL,
  cause TEXT NOT NULL,
  limit_count BIGINT NOT NULL,
  limit_permille BIGINT NOT NULL,
  person TEXT NOT NULL,
  reason TEXT NOT NULL,
  envelope TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  ended TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  ended_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, environment, number)
) STRICT;
CREATE UNIQUE INDEX policy_canary_running ON policy_canary (tenant, environment)
  WHERE ended = 'running';

CREATE TABLE policy_canary_count (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  number BIGINT NOT NULL,
  node TEXT NOT NULL,
  compared BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  gained BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  kinds TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, environment, number, node)
) STRICT;
)"};

/// What nodes run, as they say. `told` is what is on record of it.
inline constexpr storage::Migration kNodeTables = {.name = "nodes that run policies", .sql = R"(
CREATE TABLE policy_node (
  tenant TEXT NOT NULL,
  environment TEXT NOT NULL,
  kind TEXT NOT NULL,
  node TEXT NOT NULL,
  label TEXT NOT NULL,
  serial BIGINT NOT NULL,
  content TEXT NOT NULL,
  schema_name TEXT NOT NULL,
  outcomes TEXT NOT NULL,
  refused TEXT NOT NULL,
  since_ms BIGINT NOT NULL,
  told TEXT NOT NULL,
  told_ms BIGINT NOT NULL,
  seen_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, environment, kind, node)
) STRICT;
)"};

}  // namespace wardlock::pap
