#include "audit/index/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>

#include "audit/index/shard.h"
#include "base/arena.h"
#include "event/sealed_record.h"

namespace wardlock::audit {
namespace {

using storage::Database;
using storage::Statement;
using storage::Transaction;

/// Numbers of kinds, outcomes and columns are part of it.
constexpr std::int64_t kFormat = 3;

Result<void> create_tables(Database& database, const std::string& origin) {
  Transaction transaction = TRY(Transaction::begin(database));
  Statement count =
      TRY(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'about'"));
  TRY(count.step());
  const bool is_new = count.integer(0) == 0;
  count.reset();
  if (!is_new) return {};
  TRY_VOID(database.run(
      "CREATE TABLE about(format INTEGER NOT NULL, origin TEXT NOT NULL, next INTEGER NOT NULL, "
      "mark BLOB);"
      "CREATE TABLE unreadable(sequence INTEGER PRIMARY KEY);" +
      shards_schema()));
  Statement insert = TRY(database.prepare("INSERT INTO about VALUES (?1, ?2, 0, NULL)"));
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

Result<void> note_unreadable(Database& database, std::uint64_t first,
                             std::span<const std::optional<IndexEntry>> entries) {
  Statement insert = TRY(database.prepare("INSERT INTO unreadable VALUES (?1)"));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i]) continue;
    insert.bind(1, as_signed(first + i));
    TRY_VOID(insert.run());
  }
  return {};
}

Result<void> set_next(Database& database, std::uint64_t next,
                      const std::optional<merkle::Hash>& mark) {
  Statement update = TRY(database.prepare("UPDATE about SET next = ?1, mark = ?2"));
  update.bind(1, as_signed(next));
  if (mark) update.bind_blob(2, *mark);
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

Result<std::optional<merkle::Hash>> Index::mark() {
  Statement select = TRY(database_.prepare("SELECT mark FROM about"));
  merkle::Hash mark = {};
  if (!TRY(select.step()) || select.blob(0).size() != mark.size()) return std::nullopt;
  std::ranges::copy(select.blob(0), mark.begin());
  return mark;
}

Result<void> Index::begin_at(std::uint64_t first) {
  const std::uint64_t next = TRY(this->next());
  if (next >= first && TRY(oldest_shard(database_)) >= first / kShardRecords) return {};
  Transaction transaction = TRY(Transaction::begin(database_));
  if (TRY(this->next()) < first) TRY_VOID(set_next(database_, first, std::nullopt));
  TRY_VOID(drop_shards_before(database_, first));
  return transaction.commit();
}

Result<void> Index::add(std::uint64_t first, std::span<const std::optional<IndexEntry>> entries,
                        const std::optional<merkle::Hash>& mark) {
  Transaction transaction = TRY(Transaction::begin(database_));
  if (const std::uint64_t next = TRY(this->next()); first != next) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the index waits for record {}, and was given {}", next, first));
  }
  TRY_VOID(note_unreadable(database_, first, entries));
  while (!entries.empty()) {
    const std::size_t room = kShardRecords - first % kShardRecords;
    const auto some = entries.first(std::min(room, entries.size()));
    TRY_VOID(add_to_shard(database_, first, some));
    first += some.size();
    entries = entries.subspan(some.size());
  }
  TRY_VOID(set_next(database_, first, mark));
  return transaction.commit();
}

Result<Page> Index::find(const Query& query, SubjectKeys& keys) {
  const auto terms = TRY(query_terms(query, keys));
  if (!terms) return Page();
  return select_page(database_, query, *terms);
}

namespace {

/// What the record says of whose its keys are. Requires one that could be opened.
Result<void> adopt_keys(std::string_view record, const event::Event& event, SubjectKeys& keys) {
  const auto view = TRY(event::parse_record(record));
  for (const event::SealedPart& part : view.parts()) {
    TRY_VOID(keys.adopt(event::subject_of(event, part.part), part.key_id));
  }
  return {};
}

}  // namespace

Result<void> add_records(Index& index, SubjectKeys& keys, std::uint64_t first,
                         std::span<const std::string_view> records) {
  const auto glance = TRY(SubjectKeys::Glance::begin(keys));
  std::vector<std::optional<IndexEntry>> entries(records.size());
  Arena arena;
  for (std::size_t i = 0; i < records.size(); ++i) {
    arena.reset();
    const auto event = event::open_record(records[i], keys, arena);
    if (event) {
      TRY_VOID(adopt_keys(records[i], *event, keys));
      entries[i] = TRY(index_entry(*event, keys));
    } else if (event.error().code != ErrorCode::kDataLoss &&
               event.error().code != ErrorCode::kUnimplemented) {
      return std::unexpected(event.error());
    }
  }
  if (records.empty()) return {};
  return index.add(first, entries, merkle::leaf_hash(records.back()));
}

}  // namespace wardlock::audit
