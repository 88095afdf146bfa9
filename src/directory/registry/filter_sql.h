#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/model/attribute.h"
#include "directory/registry/query.h"
#include "storage/parameter.h"

namespace wardlock::directory {

/// The text of a statement and what is to be put for its `$1`, `$2` …; values are never in the
/// text. `$1` is the tenant, `$2` the kind.
class Sql {
 public:
  /// Borrows the tenant.
  Sql(std::string_view tenant, Kind kind);

  Kind kind() const { return kind_; }
  std::string& text() { return text_; }
  /// The name of a new parameter, e.g. `$3`; keeps the value.
  std::string put(std::string_view value);
  std::string put(std::int64_t value);

  std::span<const storage::Parameter> parameters() const { return parameters_; }

 private:
  Kind kind_;
  std::string text_;
  std::deque<std::string> kept_;  // where they stay when more come
  std::vector<storage::Parameter> parameters_;
};

/// A truth value over the table `t` of things. `now` is for relations. Error: kInvalidArgument, a
/// path that is not searchable, a comparison that its type does not have, or too many parts.
Result<std::string> filter_sql(const Filter& filter, std::int64_t now, Sql& sql);

}  // namespace wardlock::directory
