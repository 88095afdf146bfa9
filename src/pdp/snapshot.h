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

/// What a snapshot is built from. A policy or schema source whose name ends in `.json` is read as
/// JSON, any other as Cedar text.
struct Sources {
  std::vector<Source> policies = {};
  std::optional<Source> links = {};     ///< JSON list of template links, as in policy set JSON
  std::vector<Source> schemas = {};     ///< at most one so far
  std::optional<Source> entities = {};  ///< entities JSON
};

/// Everything a decision is made from. Immutable; a request loads one and uses nothing newer. May
/// be read by any thread.
struct Snapshot {
  cedar::PolicySet policies;
  Partition partition;
  std::optional<cedar::Schema> schema;
  cedar::EntityStore entities;
  std::vector<Grant> grants;
  std::uint64_t revision = 1;
  std::string policy_set;             ///< `sha256:…` over the policies and the schema
  std::vector<std::string> warnings;  ///< found while building

  const Mode& mode() const { return partition.mode; }
};

/// Parses the policies and applies the links. A policy's id is its `@id`; without one it is
/// `policy0`, `policy1`, …, counted in its file, with the file's stem and a dot before it when
/// there are several files. Error: all that is wrong, as excerpts.
Result<cedar::PolicySet> parse_policies(const Sources& sources);

/// Parses one schema. Error: all that is wrong, as excerpts.
Result<cedar::Schema> parse_schema(const Source& source);

/// Parses the entities; without a source there are none, besides the actions of a schema. Error
/// (kFailedPrecondition): they do not fit the schema; any other: they cannot be read.
Result<cedar::EntityStore> parse_entities(const std::optional<Source>& source,
                                          const cedar::Schema* schema);

/// Parses and checks everything. Error: all that is wrong, a line or an excerpt each.
Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources, Mode mode);

}  // namespace wardlock::pdp
