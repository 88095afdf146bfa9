#include "audit/keys/key_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/random.h"

namespace wardlock::audit {
namespace {

using crypto::SymmetricKey;
using event::KeyId;
using event::SubjectKey;
using storage::Database;
using storage::Statement;
using storage::Transaction;
using Answer = event::KeyLookup::Answer;

constexpr std::int64_t kFormat = 1;

// A row of `keys` never moves: rows are appended, and erased by overwriting them with as many
// zeros. So that nothing is left behind does not depend on how SQLite moves rows between pages.
// What may move stands in the other tables.
constexpr std::string_view kSchema = R"(
  CREATE TABLE about(format INTEGER NOT NULL, proof BLOB NOT NULL);
  CREATE TABLE keys(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL);
  CREATE TABLE subjects(subject BLOB, number INTEGER NOT NULL UNIQUE, PRIMARY KEY(subject, number))
    WITHOUT ROWID;
  CREATE TABLE erasures(number INTEGER PRIMARY KEY, subject BLOB NOT NULL, time INTEGER NOT NULL);
  CREATE INDEX erasures_by_subject ON erasures(subject);
  CREATE TABLE holds(subject BLOB, name TEXT, since INTEGER NOT NULL, PRIMARY KEY(subject, name))
    WITHOUT ROWID;
)";

/// In the order of `kSql`.
enum Sql : std::uint8_t {
  kVersion,
  kBySubject,
  kById,
  kIsAssigned,
  kInsertKey,
  kInsertSubject,
  kOverwrite,
  kDeleteSubject,
  kInsertErasure,
  kErasures,
  kInsertHold,
  kDeleteHold,
  kHolds,
  kHeldKeys,
};
constexpr auto kSql = std::to_array<std::string_view>({
    "PRAGMA data_version",
    "SELECT number, id, wrapped FROM subjects JOIN keys USING (number) WHERE subject = ?1 "
    "ORDER BY number DESC",
    "SELECT number, id, wrapped, time FROM keys LEFT JOIN erasures USING (number) WHERE id = ?1",
    "SELECT 1 FROM subjects WHERE number = ?1",
    "INSERT INTO keys(id, wrapped) VALUES (?1, ?2)",
    "INSERT OR IGNORE INTO subjects VALUES (?1, ?2)",
    "UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE number = ?1",
    "DELETE FROM subjects WHERE subject = ?1 AND number = ?2",
    "INSERT INTO erasures VALUES (?1, ?2, ?3)",
    "SELECT id, time FROM erasures JOIN keys USING (number) WHERE subject = ?1 ORDER BY number",
    "INSERT OR IGNORE INTO holds VALUES (?1, ?2, ?3)",
    "DELETE FROM holds WHERE subject = ?1 AND name = ?2",
    "SELECT name, since FROM holds WHERE subject = ?1 ORDER BY name",
    "SELECT DISTINCT id FROM holds JOIN subjects USING (subject) JOIN keys USING (number)",
});
static_assert(kSql.size() == kHeldKeys + 1);

Result<void> create_tables(Database& database, const KeyWrapping& wrapping) {
  Transaction transaction = TRY(Transaction::begin(database));
  Statement count =
      TRY(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'about'"));
  TRY(count.step());
  const bool is_new = count.integer(0) == 0;
  count.reset();
  if (!is_new) return {};
  TRY_VOID(database.run(std::string(kSchema)));
  const std::string proof = wrapping.make_proof();
  Statement insert = TRY(database.prepare("INSERT INTO about VALUES (?1, ?2)"));
  insert.bind(1, kFormat);
  insert.bind_blob(2, bytes_of(proof));
  TRY_VOID(insert.run());
  return transaction.commit();
}

Result<void> check_tables(Database& database, const KeyWrapping& wrapping) {
  Statement select = TRY(database.prepare("SELECT format, proof FROM about"));
  if (!TRY(select.step())) {
    return fail(ErrorCode::kDataLoss, fmt::format("`{}` holds no subject keys", database.path()));
  }
  if (select.integer(0) != kFormat) {
    return fail(
        ErrorCode::kUnimplemented,
        fmt::format("the keys in `{}` have format {}; this program knows {}: use a newer one",
                    database.path(), select.integer(0), kFormat));
  }
  if (!wrapping.check_proof(text_of(select.blob(1)))) {
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("the keys in `{}` were made under another master key: name the right one",
                    database.path()));
  }
  return {};
}

KeyId id_of(const Statement& row, int column) {
  KeyId id = {};
  const auto bytes = row.blob(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.size()), id.begin());
  return id;
}

/// Of a row that begins with number, id and wrapped key.
Result<StoredKey> read_key(const Statement& row, const KeyWrapping& wrapping) {
  StoredKey stored{.number = row.integer(0), .key = {.id = id_of(row, 1)}};
  stored.key.key = TRY(wrapping.unwrap(row.blob(2), stored.key.id));
  return stored;
}

}  // namespace

KeyStore::KeyStore(Database database, std::vector<Statement> statements,
                   const KeyWrapping& wrapping)
    : database_(std::move(database)), statements_(std::move(statements)), wrapping_(wrapping) {}

Result<KeyStore> KeyStore::open(const SubjectKeysOptions& options, const SymmetricKey& master) {
  const KeyWrapping wrapping(master);
  Database database = TRY(Database::open(options.path, {.is_read_only = options.is_read_only,
                                                        .is_private = true,
                                                        .is_secure_delete = true,
                                                        .busy_timeout = options.busy_timeout}));
  // No copy of a row in a file of SQLite's own.
  TRY_VOID(database.run("PRAGMA temp_store = MEMORY"));
  if (!options.is_read_only) TRY_VOID(create_tables(database, wrapping));
  TRY_VOID(check_tables(database, wrapping));
  // An erasure may have been cut off before this.
  if (!options.is_read_only) TRY_VOID(database.empty_wal());
  std::vector<Statement> statements;
  for (const std::string_view sql : kSql) statements.push_back(TRY(database.prepare(sql)));
  return KeyStore(std::move(database), std::move(statements), wrapping);
}

Result<bool> KeyStore::was_changed() {
  Statement& row = statements_[kVersion];
  TRY(row.step());
  const std::int64_t version = row.integer(0);
  row.reset();
  return std::exchange(seen_version_, version) != version;
}

Result<StoredKey> KeyStore::create() {
  StoredKey made{.key = {.key = SymmetricKey::random()}};
  crypto::fill_random(made.key.id);
  const std::string wrapped = wrapping_.wrap(made.key);
  Statement& insert = statements_[kInsertKey];
  insert.bind_blob(1, made.key.id);
  insert.bind_blob(2, bytes_of(wrapped));
  TRY_VOID(insert.run());
  made.number = database_.last_row_id();
  return made;
}

Result<void> KeyStore::assign(const RandomName& subject, std::int64_t number) {
  Statement& insert = statements_[kInsertSubject];
  insert.bind_blob(1, subject);
  insert.bind(2, number);
  return insert.run();
}

Result<bool> KeyStore::is_assigned(std::int64_t number) {
  Statement& row = statements_[kIsAssigned];
  row.bind(1, number);
  const bool is_assigned = TRY(row.step());
  row.reset();
  return is_assigned;
}

Result<void> KeyStore::erase(const RandomName& subject, std::int64_t number, std::int64_t now) {
  statements_[kOverwrite].bind(1, number);
  TRY_VOID(statements_[kOverwrite].run());
  Statement& remove = statements_[kDeleteSubject];
  remove.bind_blob(1, subject);
  remove.bind(2, number);
  TRY_VOID(remove.run());
  Statement& note = statements_[kInsertErasure];
  note.bind(1, number);
  note.bind_blob(2, subject);
  note.bind(3, now);
  return note.run();
}

Result<std::vector<StoredKey>> KeyStore::keys_of(const RandomName& subject) {
  Statement& row = statements_[kBySubject];
  row.bind_blob(1, subject);
  std::vector<StoredKey> keys;
  while (TRY(row.step())) {
    auto key = read_key(row, wrapping_);
    if (!key) row.reset();
    keys.push_back(TRY(std::move(key)));
  }
  return keys;
}

Result<std::optional<StoredKey>> KeyStore::latest_of(const RandomName& subject) {
  Statement& row = statements_[kBySubject];
  row.bind_blob(1, subject);
  if (!TRY(row.step())) return std::nullopt;
  auto key = read_key(row, wrapping_);
  row.reset();
  return TRY(std::move(key));
}

Result<KeyStore::Found> KeyStore::find(const KeyId& id) {
  Statement& row = statements_[kById];
  row.bind_blob(1, id);
  if (!TRY(row.step())) return Found();
  const bool is_erased = !row.is_null(3);
  auto key = is_erased ? StoredKey() : read_key(row, wrapping_);
  row.reset();
  if (is_erased) return Found{.answer = Answer::kErased};
  return Found{.answer = Answer::kFound, .stored = TRY(std::move(key))};
}

Result<std::vector<Erasure>> KeyStore::erasures(const RandomName& subject) {
  Statement& row = statements_[kErasures];
  row.bind_blob(1, subject);
  std::vector<Erasure> out;
  while (TRY(row.step())) out.push_back({.key_id = id_of(row, 0), .time = row.integer(1)});
  return out;
}

Result<void> KeyStore::hold(const RandomName& subject, std::string_view name, std::int64_t now) {
  Statement& insert = statements_[kInsertHold];
  insert.bind_blob(1, subject);
  insert.bind(2, name);
  insert.bind(3, now);
  return insert.run();
}

Result<bool> KeyStore::release(const RandomName& subject, std::string_view name) {
  Statement& remove = statements_[kDeleteHold];
  remove.bind_blob(1, subject);
  remove.bind(2, name);
  TRY_VOID(remove.run());
  return database_.changed_rows() > 0;
}

Result<std::vector<LegalHold>> KeyStore::holds(const RandomName& subject) {
  Statement& row = statements_[kHolds];
  row.bind_blob(1, subject);
  std::vector<LegalHold> out;
  while (TRY(row.step())) out.push_back({std::string(row.text(0)), row.integer(1)});
  return out;
}

Result<std::vector<KeyId>> KeyStore::held_keys() {
  Statement& row = statements_[kHeldKeys];
  std::vector<KeyId> out;
  while (TRY(row.step())) out.push_back(id_of(row, 0));
  return out;
}

}  // namespace wardlock::audit
