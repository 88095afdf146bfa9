#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "pdp/type_mapping.h"

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
  std::vector<Source> schemas = {};     ///< together one schema
  std::optional<Source> entities = {};  ///< entities JSON
  TypeMapping types = {};
};

/// Parses the policies and applies the links; a policy's `source` is its file's name. A policy's id
/// is its `@id`; without one it is `policy0`, `policy1`, …, counted in its file, with the file's
/// stem and a dot before it when there are several files. Error: all that is wrong, as excerpts.
Result<cedar::PolicySet> parse_policies(const Sources& sources);

/// Parses the sources of one schema: their declarations are united, namespace by namespace, and a
/// name declared twice is an error. Requires at least one. Error: all that is wrong, as excerpts.
Result<cedar::Schema> parse_schema(std::span<const Source> sources);

/// Parses the entities; without a source there are none, besides the actions of a schema. Error
/// (kFailedPrecondition): they do not fit the schema; any other: they cannot be read. What is equal
/// is shared with `before`, if it is not null.
Result<cedar::EntityStore> parse_entities(const std::optional<Source>& source,
                                          const cedar::Schema* schema,
                                          const cedar::EntityStore* before = nullptr);

}  // namespace wardlock::pdp
