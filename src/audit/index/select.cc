#include "audit/index/select.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <vector>

namespace wardlock::audit {
namespace {

using storage::Database;
using storage::Statement;

/// A page has no more, whatever is asked for.
constexpr std::size_t kMostRecords = 1'000'000;

/// Numbers of records, both inclusive.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

/// Where records of the query's time may be. Empty where the first is beyond the last.
Result<Range> range_of_times(Database& database, const Query& query) {
  Range range;
  if (!query.from && !query.until) return range;
  Statement select = TRY(
      database.prepare("SELECT min(first), max(first) FROM spans WHERE greatest >= ?1 AND least < "
                       "?2"));
  select.bind(1, query.from.value_or(std::numeric_limits<std::int64_t>::min()));
  select.bind(2, query.until.value_or(std::numeric_limits<std::int64_t>::max()));
  TRY(select.step());
  if (select.is_null(0)) return Range{.first = 1, .last = 0};
  range.first = select.integer(0);
  range.last = select.integer(1) + static_cast<std::int64_t>(kSpanRecords) - 1;
  return range;
}

void go_on_after(const Query& query, Range& range) {
  if (!query.after) return;
  // Larger numbers are in no log.
  const auto after = static_cast<std::int64_t>(
      std::min<std::uint64_t>(*query.after, std::numeric_limits<std::int64_t>::max() - 1));
  if (query.is_newest_first) {
    range.last = std::min(range.last, after - 1);
  } else {
    range.first = std::max(range.first, after + 1);
  }
}

/// The role whose index leads to the fewest records, usually; the tenant has none.
std::optional<Role> best_role(const Terms& terms) {
  for (const Role role : {Role::kDecision, Role::kPatient, Role::kAffected, Role::kPrincipal,
                          Role::kDevice, Role::kCaller}) {
    if (terms[role]) return role;
  }
  return std::nullopt;
}

/// A SELECT and what is bound to it.
class Select {
 public:
  Select(const Query& query, const Terms& terms, const Range& range) {
    where_ = fmt::format("sequence BETWEEN {} AND {}", value(range.first), value(range.last));
    for (const Role role : kRoles) {
      if (terms[role]) equal(to_string(role), std::bit_cast<std::int64_t>(*terms[role]));
    }
    if (query.outcome) equal("outcome", static_cast<std::int64_t>(*query.outcome));
    if (query.from) where_ += fmt::format(" AND time >= {}", value(*query.from));
    if (query.until) where_ += fmt::format(" AND time < {}", value(*query.until));
    const auto role = best_role(terms);
    if (role) {
      sql_ = from(fmt::format("INDEXED BY by_{}", to_string(*role)), kind_condition(query));
    } else if (!query.kinds.empty() && std::ranges::all_of(query.kinds, is_rare)) {
      add_each_kind(query);
    } else {
      sql_ = from("NOT INDEXED", kind_condition(query));
    }
    // One more tells whether there are more.
    sql_ += fmt::format(" ORDER BY sequence {} LIMIT {}", query.is_newest_first ? "DESC" : "ASC",
                        value(static_cast<std::int64_t>(std::min(query.limit, kMostRecords)) + 1));
  }

  Result<Statement> prepare(Database& database) const {
    Statement statement = TRY(database.prepare(sql_));
    int parameter = 0;
    for (const std::int64_t value : values_) statement.bind(++parameter, value);
    return statement;
  }

 private:
  static bool is_rare(event::Kind kind) { return static_cast<int>(kind) > 1; }

  std::string value(std::int64_t number) {
    values_.push_back(number);
    return fmt::format("?{}", values_.size());
  }
  void equal(std::string_view column, std::int64_t number) {
    where_ += fmt::format(" AND {} = {}", column, value(number));
  }

  static std::string kind_condition(const Query& query) {
    if (query.kinds.empty()) return "";
    std::vector<int> kinds;
    for (const event::Kind kind : query.kinds) kinds.push_back(static_cast<int>(kind));
    return fmt::format(" AND kind IN ({})", fmt::join(kinds, ", "));
  }

  std::string from(std::string_view how, std::string_view also) const {
    return fmt::format("SELECT sequence FROM records {} WHERE {}{}", how, where_, also);
  }

  /// One for each kind: each comes in order, and SQLite merges them as far as the limit.
  void add_each_kind(const Query& query) {
    std::vector<event::Kind> kinds = query.kinds;
    std::ranges::sort(kinds);
    const auto repeated = std::ranges::unique(kinds);
    kinds.erase(repeated.begin(), repeated.end());
    for (const event::Kind kind : kinds) {
      if (!sql_.empty()) sql_ += " UNION ALL ";
      sql_ += from("INDEXED BY by_kind",
                   fmt::format(" AND kind = {} AND {}", static_cast<int>(kind), kRareKind));
    }
  }

  std::string where_, sql_;
  std::vector<std::int64_t> values_;
};

}  // namespace

Result<Page> select_page(Database& database, const Query& query, const Terms& terms) {
  Page page;
  Range range = TRY(range_of_times(database, query));
  go_on_after(query, range);
  if (query.limit == 0 || range.first > range.last) return page;
  Statement select = TRY(Select(query, terms, range).prepare(database));
  while (TRY(select.step())) {
    if (page.sequences.size() == std::min(query.limit, kMostRecords)) {
      page.has_more = true;
      break;
    }
    page.sequences.push_back(static_cast<std::uint64_t>(select.integer(0)));
  }
  return page;
}

}  // namespace wardlock::audit
