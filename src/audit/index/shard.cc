#include "audit/index/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace wardlock::audit {
namespace {

using storage::Database;
using storage::Statement;

constexpr std::int64_t kMostInteger = std::numeric_limits<std::int64_t>::max();

std::int64_t as_signed(std::uint64_t number) { return std::bit_cast<std::int64_t>(number); }

/// The tenant has no index: most logs have one.
constexpr bool has_index(Role role) { return role != Role::kTenant; }

/// The rowid is a record's number, and so comes last in each index: what is found in one comes in
/// the order of the log.
std::string table_schema(std::uint64_t shard) {
  std::string columns;
  for (const Role role : kRoles) columns += fmt::format(", {} INTEGER", to_string(role));
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS records_{}(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, "
      "kind INTEGER NOT NULL, outcome INTEGER NOT NULL{})",
      shard, columns);
}

std::string indexes_schema(std::uint64_t shard) {
  std::string sql = fmt::format("CREATE INDEX kind_{0} ON records_{0}(kind);", shard);
  for (const Role role : kRoles) {
    if (!has_index(role)) continue;
    sql += fmt::format("CREATE INDEX {0}_{1} ON records_{1}({0}) WHERE {0} IS NOT NULL;",
                       to_string(role), shard);
  }
  return sql + fmt::format("UPDATE shards SET is_indexed = 1 WHERE shard = {}", shard);
}

std::string insert_sql(std::uint64_t shard) {
  std::string sql = fmt::format("INSERT INTO records_{} VALUES (?1, ?2, ?3, ?4", shard);
  for (std::size_t i = 0; i < kRoles.size(); ++i) sql += fmt::format(", ?{}", i + 5);
  return sql + ")";
}

Result<void> insert_record(Statement& insert, std::uint64_t sequence, const IndexEntry& entry) {
  insert.bind(1, as_signed(sequence));
  insert.bind(2, entry.time);
  insert.bind(3, static_cast<std::int64_t>(entry.kind));
  insert.bind(4, static_cast<std::int64_t>(entry.outcome));
  for (const Role role : kRoles) {
    const auto& term = entry.terms[role];
    if (term) insert.bind(static_cast<int>(role) + 5, as_signed(*term));
  }
  return insert.run();
}

/// The least and greatest time is kept of each shard: records are nearly in the order of their
/// times, and not quite.
Result<void> note_times(Database& database, std::uint64_t shard, std::int64_t least,
                        std::int64_t greatest) {
  Statement note = TRY(
      database.prepare("INSERT INTO shards VALUES (?1, ?2, ?3, 0) ON CONFLICT(shard) DO UPDATE SET "
                       "least = min(least, ?2), greatest = max(greatest, ?3)"));
  note.bind(1, as_signed(shard));
  note.bind(2, least);
  note.bind(3, greatest);
  return note.run();
}

/// The least and the greatest number of a record that may be on the page.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = kMostInteger;
};

Range range_of(const Query& query) {
  Range range;
  if (!query.after) return range;
  // Larger numbers are in no log.
  const auto after = static_cast<std::int64_t>(
      std::min(*query.after, static_cast<std::uint64_t>(kMostInteger) - 1));
  if (query.is_newest_first) {
    range.last = after - 1;
  } else {
    range.first = after + 1;
  }
  return range;
}

std::string_view order_of(const Query& query) { return query.is_newest_first ? "DESC" : "ASC"; }

struct Shard {
  std::int64_t number = 0;
  bool is_indexed = false;
};

/// Those where records of that range and time may be, in the order in which they are wanted.
Result<std::vector<Shard>> shards_of(Database& database, const Query& query, const Range& range) {
  Statement select = TRY(database.prepare(
      fmt::format("SELECT shard, is_indexed FROM shards WHERE shard BETWEEN ?1 AND ?2 AND greatest "
                  ">= ?3 AND least < ?4 ORDER BY shard {}",
                  order_of(query))));
  constexpr auto kSize = static_cast<std::int64_t>(kShardRecords);
  select.bind(1, range.first / kSize);
  select.bind(2, range.last < 0 ? -1 : range.last / kSize);
  select.bind(3, query.from.value_or(std::numeric_limits<std::int64_t>::min()));
  select.bind(4, query.until.value_or(kMostInteger));
  std::vector<Shard> shards;
  while (TRY(select.step())) shards.push_back({select.integer(0), select.integer(1) != 0});
  return shards;
}

/// The condition of a query, and what is bound to it.
class Condition {
 public:
  Condition(const Query& query, const Terms& terms, const Range& range) {
    sql_ = fmt::format("sequence BETWEEN {} AND {}", value(range.first), value(range.last));
    for (const Role role : kRoles) {
      if (terms[role]) add(to_string(role), "=", as_signed(*terms[role]));
    }
    if (query.outcome) add("outcome", "=", static_cast<std::int64_t>(*query.outcome));
    if (query.from) add("time", ">=", *query.from);
    if (query.until) add("time", "<", *query.until);
    if (query.kinds.empty()) return;
    std::string kinds;
    for (const event::Kind kind : query.kinds) {
      kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", static_cast<int>(kind));
    }
    sql_ += fmt::format(" AND kind IN ({})", kinds);
  }

  const std::string& sql() const { return sql_; }
  std::size_t size() const { return values_.size(); }
  void bind(Statement& statement) const {
    int parameter = 0;
    for (const std::int64_t value : values_) statement.bind(++parameter, value);
  }

 private:
  std::string value(std::int64_t number) {
    values_.push_back(number);
    return fmt::format("?{}", values_.size());
  }
  void add(std::string_view column, std::string_view how, std::int64_t number) {
    sql_ += fmt::format(" AND {} {} {}", column, how, value(number));
  }

  std::string sql_;
  std::vector<std::int64_t> values_;
};

/// The index that leads to the fewest records, usually.
std::optional<std::string_view> best_index(const Query& query, const Terms& terms) {
  for (const Role role : {Role::kDecision, Role::kGrant, Role::kPatient, Role::kAffected,
                          Role::kPrincipal, Role::kDevice, Role::kCaller}) {
    if (terms[role]) return to_string(role);
  }
  const bool are_rare = std::ranges::none_of(query.kinds, [](event::Kind kind) {
    return kind == event::Kind::kDecision || kind == event::Kind::kSearch;
  });
  if (!query.kinds.empty() && are_rare) return "kind";
  return std::nullopt;
}

}  // namespace

std::string shards_schema() {
  return "CREATE TABLE shards(shard INTEGER PRIMARY KEY, least INTEGER NOT NULL, greatest INTEGER "
         "NOT NULL, is_indexed INTEGER NOT NULL);";
}

Result<void> add_to_shard(Database& database, std::uint64_t first,
                          std::span<const std::optional<IndexEntry>> entries) {
  const std::uint64_t shard = first / kShardRecords;
  TRY_VOID(database.run(table_schema(shard)));
  Statement insert = TRY(database.prepare(insert_sql(shard)));
  std::int64_t least = kMostInteger, greatest = std::numeric_limits<std::int64_t>::min();
  std::uint64_t sequence = first;
  for (const auto& entry : entries) {
    if (entry) {
      TRY_VOID(insert_record(insert, sequence, *entry));
      least = std::min(least, entry->time);
      greatest = std::max(greatest, entry->time);
    }
    ++sequence;
  }
  TRY_VOID(note_times(database, shard, least, greatest));
  if (sequence % kShardRecords == 0) TRY_VOID(database.run(indexes_schema(shard)));
  return {};
}

Result<std::uint64_t> oldest_shard(Database& database) {
  Statement select = TRY(database.prepare("SELECT shard FROM shards ORDER BY shard LIMIT 1"));
  if (!TRY(select.step())) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(select.integer(0));
}

Result<void> drop_shards_before(Database& database, std::uint64_t record) {
  const std::uint64_t end = record / kShardRecords;
  for (std::uint64_t shard = TRY(oldest_shard(database)); shard < end;
       shard = TRY(oldest_shard(database))) {
    TRY_VOID(
        database.run(fmt::format("DROP TABLE IF EXISTS records_{0}; DELETE FROM shards WHERE "
                                 "shard = {0}",
                                 shard)));
  }
  return {};
}

Result<Page> select_page(Database& database, const Query& query, const Terms& terms) {
  constexpr std::size_t kMostRecords = 1'000'000;
  const std::size_t limit = std::min(query.limit, kMostRecords);
  const Range range = range_of(query);
  const Condition condition(query, terms, range);
  const auto index = best_index(query, terms);
  Page page;
  if (limit == 0) return page;
  for (const Shard& shard : TRY(shards_of(database, query, range))) {
    const std::string how = index && shard.is_indexed
                                ? fmt::format("INDEXED BY {}_{}", *index, shard.number)
                                : "NOT INDEXED";
    Statement select = TRY(database.prepare(
        fmt::format("SELECT sequence FROM records_{} {} WHERE {} ORDER BY sequence {} LIMIT ?{}",
                    shard.number, how, condition.sql(), order_of(query), condition.size() + 1)));
    condition.bind(select);
    // One more tells whether there are more.
    select.bind(static_cast<int>(condition.size()) + 1,
                static_cast<std::int64_t>(limit + 1 - page.sequences.size()));
    while (TRY(select.step())) {
      page.sequences.push_back(static_cast<std::uint64_t>(select.integer(0)));
    }
    page.has_more = page.sequences.size() > limit;
    if (page.has_more) break;
  }
  if (page.has_more) page.sequences.pop_back();
  return page;
}

}  // namespace wardlock::audit
