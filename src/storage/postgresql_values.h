#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "storage/parameter.h"
#include "storage/rows.h"

struct pg_result;

namespace wardlock::storage {

/// PostgreSQL's number of the type that a parameter has; 0, which it finds out by itself, for null.
std::uint32_t type_of(const Parameter& parameter);

/// Parameters as libpq takes them, in binary form. Borrows what they borrow.
class PostgresqlParameters {
 public:
  explicit PostgresqlParameters(std::span<const Parameter> parameters);
  PostgresqlParameters(const PostgresqlParameters&) = delete;
  PostgresqlParameters& operator=(const PostgresqlParameters&) = delete;

  int size() const { return static_cast<int>(values_.size()); }
  const std::uint32_t* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::array<char, 8>> integers_;  // what `values_` points to
  std::vector<std::uint32_t> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// The rows of a result in binary form, appended. Error kInternal: a column is of no type that Rows
/// have.
Result<void> add_rows(const pg_result* result, Rows& rows);

}  // namespace wardlock::storage
