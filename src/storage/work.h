#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/parameter.h"
#include "storage/rows.h"

namespace wardlock::storage {

class Session;

/// What happens together: the statements of one transaction. Made by a Store, for the thread and
/// the time of one call.
///
/// SQL is one text for both databases: parameters are `$1`, `$2` … (each number up to the last is
/// used; no `::` casts, use CAST), types TEXT and BIGINT; `RETURNING`, `ON CONFLICT … DO` and
/// `count(*)` work in both. What PostgreSQL makes NUMERIC of, such as `sum`, is CAST to BIGINT.
/// Statements are compiled once for each connection, so build few different texts, and never one
/// with a value inside.
///
/// Errors: kAlreadyExists, a row with these unique values is there (the message names the table);
/// kFailedPrecondition, another constraint stands against it, or it would change something while
/// reading; kInvalidArgument, a text that is not UTF-8 or has a NUL; kInternal, our SQL is wrong;
/// else those of Store. The first error ends the work: what follows fails with it too, and nothing
/// is kept. Where a row may be there already, say so with `ON CONFLICT`.
class Work {
 public:
  using Visit = std::function<Result<void>(Row)>;

  Work(Session& session, bool is_writing) : session_(session), is_writing_(is_writing) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// Rows inserted, changed or deleted.
  Result<std::uint64_t> run(std::string_view sql, std::span<const Parameter> parameters);

  /// All rows, in memory.
  Result<Rows> query(std::string_view sql, std::span<const Parameter> parameters);

  /// Each row in turn, without all of them in memory; ends at the first error of `visit`, and
  /// returns it. A row is valid during its visit, in which other statements may run.
  Result<void> each(std::string_view sql, std::span<const Parameter> parameters,
                    const Visit& visit);

  template <typename... P>
    requires(std::constructible_from<Parameter, const P&> && ...)
  Result<std::uint64_t> run(std::string_view sql, const P&... parameters) {
    return run(sql, listed(parameters...));
  }
  template <typename... P>
    requires(std::constructible_from<Parameter, const P&> && ...)
  Result<Rows> query(std::string_view sql, const P&... parameters) {
    return query(sql, listed(parameters...));
  }

  /// Whoever listens to the channel (see Store::listen) hears of it once this is committed.
  /// Requires a work that writes.
  void notify(std::string channel);

  /// What ended it, if anything did.
  const std::optional<Error>& failure() const { return failure_; }
  const std::set<std::string>& notified() const { return notified_; }

 private:
  template <typename... P>
  static auto listed(const P&... parameters) {
    return std::array<Parameter, sizeof...(P)>{Parameter(parameters)...};
  }
  template <typename T>
  Result<T> kept(Result<T> result);
  Result<void> check(std::span<const Parameter> parameters);

  Session& session_;
  bool is_writing_;
  std::optional<Error> failure_;
  std::set<std::string> notified_;
};

}  // namespace wardlock::storage
