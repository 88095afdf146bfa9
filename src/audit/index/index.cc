#include "audit/index/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <map>

#include "audit/index/select.h"
#include "base/arena.h"
#include "event/sealed_record.h"

namespace wardlock::audit {
namespace {

using storage::Database;
using storage::Statement;
using storage::Transaction;

/// Numbers of kinds, outcomes and columns are part of it.
constexpr std::int64_t kFormat = 1;

/// The rowid is a record's number, and the last column of each index: what is found there comes in
/// the order of the log. Decisions and searches, which are nearly all, are in no index by kind.
std::string schema() {
  std::string columns, indexes;
  for (const Role role : kRoles) {
    const std::string_view name = to_string(role);
    columns += fmt::format(", {} INTEGER", name);
    if (role == Role::kTenant) continue;
    indexes += fmt::format("CREATE INDEX by_{0} ON records({0}) WHERE {0} IS NOT NULL;", name);
  }
  return fmt::format(
      "CREATE TABLE about(format INTEGER NOT NULL, origin TEXT NOT NULL, next INTEGER NOT NULL);"
      "CREATE TABLE records(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT "
      "NULL, outcome INTEGER NOT NULL{}); {}"
      "CREATE INDEX by_kind ON records(kind) WHERE {};"
      "CREATE TABLE spans(first INTEGER PRIMARY KEY, least INTEGER NOT NULL, greatest INTEGER NOT "
      "NULL);"
      "CREATE TABLE unreadable(sequence INTEGER PRIMARY KEY);",
      columns, indexes, kRareKind);
}

Result<void> create_tables(Database& database, const std::string& origin) {
  Transaction transaction = TRY(Transaction::begin(database));
  Statement count =
      TRY(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'about'"));
  TRY(count.step());
  const bool is_new = count.integer(0) == 0;
  count.reset();
  if (!is_new) return {};
  TRY_VOID(database.run(schema()));
  Statement insert = TRY(database.prepare("INSERT INTO about VALUES (?1, ?2, 0)"));
  insert.bind(1, kFormat);
  insert.bind(2, origin);
  TRY_VOID(insert.run());
  return transaction.commit();
}

Result<void> check_tables(Database& database, const std::string& origin) {
  Statement about = TRY(database.prepare("SELECT format, origin FROM about"));
  if (!TRY(about.step())) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("`{}` is no index: remove it, and rebuild it", database.path()));
  }
  if (about.integer(0) != kFormat || about.text(1) != origin) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the index `{}` is of the log `{}` and has format {}; wanted is `{}`, "
                            "format {}: remove it, and rebuild it",
                            database.path(), about.text(1), about.integer(0), origin, kFormat));
  }
  return {};
}

std::int64_t as_signed(std::uint64_t number) { return std::bit_cast<std::int64_t>(number); }

std::string insert_sql() {
  std::string sql = "INSERT INTO records VALUES (?1, ?2, ?3, ?4";
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

struct Times {
  std::int64_t least, greatest;
};
/// The times of records, by the first of their span.
using Spans = std::map<std::uint64_t, Times>;

void note_time(Spans& spans, std::uint64_t sequence, std::int64_t time) {
  Times& times = spans.try_emplace(first_of_span(sequence), Times{time, time}).first->second;
  times = {std::min(times.least, time), std::max(times.greatest, time)};
}

Result<void> widen_spans(Database& database, const Spans& spans) {
  Statement widen =
      TRY(database.prepare("INSERT INTO spans VALUES (?1, ?2, ?3) ON CONFLICT(first) DO UPDATE SET "
                           "least = min(least, ?2), greatest = max(greatest, ?3)"));
  for (const auto& [first, times] : spans) {
    widen.bind(1, as_signed(first));
    widen.bind(2, times.least);
    widen.bind(3, times.greatest);
    TRY_VOID(widen.run());
  }
  return {};
}

Result<void> set_next(Database& database, std::uint64_t next) {
  Statement update = TRY(database.prepare("UPDATE about SET next = ?1"));
  update.bind(1, as_signed(next));
  return update.run();
}

Result<std::uint64_t> read_number(Database& database, std::string_view sql) {
  Statement select = TRY(database.prepare(sql));
  if (!TRY(select.step())) {
    return fail(ErrorCode::kDataLoss, fmt::format("the index `{}` is damaged", database.path()));
  }
  return std::bit_cast<std::uint64_t>(select.integer(0));
}

}  // namespace

Result<Index> Index::open(const IndexOptions& options) {
  Database database =
      TRY(Database::open(options.path, {.is_read_only = options.is_read_only,
                                        .is_private = true,
                                        .durability = storage::Durability::kNormal}));
  TRY_VOID(database.run("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536"));
  if (!options.is_read_only) TRY_VOID(create_tables(database, options.origin));
  TRY_VOID(check_tables(database, options.origin));
  return Index(std::move(database));
}

Result<void> Index::remove(const std::string& path) {
  for (const std::string_view end : {"", "-wal", "-shm"}) {
    std::error_code error;
    std::filesystem::remove(path + std::string(end), error);
    if (error) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("`{}{}` cannot be removed: {}", path, end, error.message()));
    }
  }
  return {};
}

Result<std::uint64_t> Index::next() { return read_number(database_, "SELECT next FROM about"); }

Result<std::uint64_t> Index::unreadable() {
  return read_number(database_, "SELECT count(*) FROM unreadable");
}

Result<void> Index::add(std::uint64_t first, std::span<const std::optional<IndexEntry>> entries) {
  Transaction transaction = TRY(Transaction::begin(database_));
  if (const std::uint64_t next = TRY(this->next()); first != next) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the index waits for record {}, and was given {}", next, first));
  }
  Statement insert = TRY(database_.prepare(insert_sql()));
  Statement leave_out = TRY(database_.prepare("INSERT INTO unreadable VALUES (?1)"));
  Spans spans;
  std::uint64_t sequence = first;
  for (const auto& entry : entries) {
    if (entry) {
      TRY_VOID(insert_record(insert, sequence, *entry));
      note_time(spans, sequence, entry->time);
    } else {
      leave_out.bind(1, as_signed(sequence));
      TRY_VOID(leave_out.run());
    }
    ++sequence;
  }
  TRY_VOID(widen_spans(database_, spans));
  TRY_VOID(set_next(database_, sequence));
  return transaction.commit();
}

Result<Page> Index::find(const Query& query, SubjectKeys& keys) {
  const auto terms = TRY(query_terms(query, keys));
  if (!terms) return Page();
  return select_page(database_, query, *terms);
}

Result<void> add_records(Index& index, SubjectKeys& keys, std::uint64_t first,
                         std::span<const std::string_view> records) {
  std::vector<std::optional<IndexEntry>> entries(records.size());
  Arena arena;
  for (std::size_t i = 0; i < records.size(); ++i) {
    arena.reset();
    const auto event = event::open_record(records[i], keys, arena);
    if (event) {
      entries[i] = TRY(index_entry(*event, keys));
    } else if (event.error().code != ErrorCode::kDataLoss &&
               event.error().code != ErrorCode::kUnimplemented) {
      return std::unexpected(event.error());
    }
  }
  return index.add(first, entries);
}

}  // namespace wardlock::audit
