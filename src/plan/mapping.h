#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/schema.h"

namespace wardlock::plan {

// Where a database keeps what the schema describes. Names are as the database has them: they are
// never taken from a policy or a request, and are quoted wherever they are written.

/// A table, with the database's schema before it where it has one.
struct Table {
  std::string schema;  ///< may be empty
  std::string name;
};

/// How a column holds a datetime.
enum class TimeForm : std::uint8_t {
  kEpochMs,      ///< a whole number of milliseconds since 1970-01-01T00:00:00Z
  kTimestamptz,  ///< PostgreSQL's type of that name
};

struct Column {
  std::string name;
  TimeForm time = TimeForm::kEpochMs;
};

/// The members of a set, one a row.
struct MemberTable {
  Table table;
  std::string owner;  ///< the id of the entity that has the set
  Column member;
};

struct AttributeSource {
  enum class Kind : std::uint8_t { kColumn, kMembers, kRecord };
  Kind kind = Kind::kColumn;
  Column column = {};
  MemberTable members = {};
  std::map<std::string, AttributeSource, std::less<>> fields = {};  ///< of kRecord
};

/// What direct parents of one type an entity has: one in a column, or any number in a table.
struct ParentSource {
  std::string type;
  std::string column = {};
  Table table = {};         ///< where `column` is empty
  std::string child = {};   ///< its columns: the entity's id
  std::string parent = {};  ///< and the parent's
};

struct TagSource {
  Table table;
  std::string owner, key;
  Column value;
};

/// Where the entities of one type are: one a row.
struct EntityTable {
  Table table;
  std::string id;  ///< the column of the id: unique and never NULL
  std::map<std::string, AttributeSource, std::less<>> attributes = {};
  std::vector<ParentSource> parents = {};
  std::optional<TagSource> tags = {};
};

struct Mapping {
  std::map<std::string, EntityTable, std::less<>> types;  ///< by the Cedar type

  const EntityTable* find(std::string_view type) const;
};

/// Reads a mapping file, YAML or JSON, and checks it against the schema: docs/query-plans.md has
/// the format. All that is wrong is reported, with suggestions. What is not mapped is no error
/// here, but where a plan needs it.
Parsed<Mapping> parse_mapping(std::string_view text, const cedar::Schema& schema);

}  // namespace wardlock::plan
