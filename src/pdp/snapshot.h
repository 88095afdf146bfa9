#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "pdp/partition.h"
#include "pdp/rule.h"

namespace wardlock::pdp {

/// A text that came from somewhere; the name is for messages.
struct Source {
  std::string name;
  std::string text;
};

/// What a snapshot is built from.
struct Sources {
  std::vector<Source> policies;    ///< Cedar policy text
  std::vector<Source> schemas;     ///< `.cedarschema` or JSON schema text; at most one today
  std::optional<Source> entities;  ///< entities JSON
};

/// Everything a decision is made from. Immutable; a request loads one and uses nothing newer. May be
/// read by any thread.
struct Snapshot {
  cedar::PolicySet policies;
  Partition partition;
  std::optional<cedar::Schema> schema;
  cedar::EntityStore entities;
  std::vector<Grant> grants;
  std::uint64_t revision = 1;
  std::string policy_set;              ///< `sha256:…` over the policies and the schema
  std::vector<std::string> warnings;   ///< found while building

  const Mode& mode() const { return partition.mode; }
};

/// Parses and checks everything. Error: all that is wrong, a line or an excerpt each.
Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources, Mode mode);

}  // namespace wardlock::pdp
