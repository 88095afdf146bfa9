#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "plan/mapping.h"
#include "plan/sql_condition.h"
#include "plan/sql_dialect.h"

namespace wardlock::plan {

/// A row of an entity's table: in scope under an alias, or to be found by the id.
struct SqlRow {
  const EntityTable* table = nullptr;
  std::string alias = {};  ///< empty: not in scope
  std::string id = {};     ///< the id, as an expression
};

/// What a Cedar expression is in SQL. `type` is what the schema says; null: nothing is known.
struct SqlTerm {
  enum class Kind {
    kConstant,  ///< a value known now
    kScalar,    ///< one SQL expression; of an entity, its id
    kTruth,     ///< a Boolean
    kRecord,    ///< columns of a row
    kMembers,   ///< a set in a table of its own
    kList,      ///< a set of the terms in `items`
    kChoice,  ///< the first of `choices` whose condition holds – at most one does –, else an error
  };
  Kind kind = Kind::kConstant;
  const cedar::Type* type = nullptr;
  cedar::Value constant = cedar::Value::boolean(false);
  SqlScalar scalar = {};
  std::string alias = {};  ///< of kScalar: the entity is the row in scope under this alias
  SqlTruth truth = {};
  SqlRow row = {};                          ///< of kRecord, kMembers
  const AttributeSource* source = nullptr;  ///< of kRecord, kMembers
  bool is_required = true;                  ///< of kRecord: where its row is, it is
  std::vector<SqlTerm> items = {};
  std::vector<std::pair<SqlCondition, SqlTerm>> choices = {};

  bool is(Kind k) const { return kind == k; }
  bool is_of(cedar::Kind k) const { return type != nullptr && type->kind == k; }

  /// What always errs.
  static SqlTerm error() { return {.kind = Kind::kChoice}; }
};

}  // namespace wardlock::plan
