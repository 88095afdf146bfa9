#include "audit/keys/subject_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "audit/keys/key_cache.h"
#include "audit/keys/key_wrapping.h"
#include "base/utf8.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"
#include "storage/sqlite.h"

namespace wardlock::audit {
namespace {

using crypto::SymmetricKey;
using event::KeyId;
using event::Subject;
using event::SubjectKey;
using storage::Database;
using storage::Statement;
using storage::Transaction;

constexpr std::int64_t kFormat = 1;

// A row of `keys` never moves: rows are appended, and erased by overwriting them with as many
// zeros. So that nothing is left behind does not depend on how SQLite moves rows between pages.
// What may move stands in the other tables.
constexpr std::string_view kSchema = R"(
  CREATE TABLE about(format INTEGER NOT NULL, proof BLOB NOT NULL);
  CREATE TABLE keys(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL);
  CREATE TABLE subjects(subject BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE erasures(number INTEGER PRIMARY KEY, subject BLOB NOT NULL, time INTEGER NOT NULL);
  CREATE INDEX erasures_by_subject ON erasures(subject);
  CREATE TABLE holds(subject BLOB, name TEXT, since INTEGER NOT NULL, PRIMARY KEY(subject, name))
    WITHOUT ROWID;
)";

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

struct Statements {
  Statement version, by_subject, by_id, insert_key, insert_subject, overwrite, delete_subject,
      insert_erasure, erasures, insert_hold, delete_hold, holds;

  static Result<Statements> prepare(Database& database) {
    constexpr std::string_view kSql[] = {
        "PRAGMA data_version",
        "SELECT number, id, wrapped FROM subjects JOIN keys USING (number) WHERE subject = ?1",
        "SELECT wrapped, time FROM keys LEFT JOIN erasures USING (number) WHERE id = ?1",
        "INSERT INTO keys(id, wrapped) VALUES (?1, ?2)",
        "INSERT INTO subjects VALUES (?1, ?2)",
        "UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE number = ?1",
        "DELETE FROM subjects WHERE subject = ?1",
        "INSERT INTO erasures VALUES (?1, ?2, ?3)",
        "SELECT id, time FROM erasures JOIN keys USING (number) WHERE subject = ?1 ORDER BY number",
        "INSERT OR IGNORE INTO holds VALUES (?1, ?2, ?3)",
        "DELETE FROM holds WHERE subject = ?1 AND name = ?2",
        "SELECT name, since FROM holds WHERE subject = ?1 ORDER BY name",
    };
    std::vector<Statement> made;
    for (const std::string_view sql : kSql) made.push_back(TRY(database.prepare(sql)));
    auto next = std::make_move_iterator(made.begin());
    // In the order of the members: an initializer's clauses are evaluated from left to right.
    return Statements{*next++, *next++, *next++, *next++, *next++, *next++,
                      *next++, *next++, *next++, *next++, *next++, *next++};
  }
};

KeyId id_of(const Statement& row, int column) {
  KeyId id = {};
  const auto bytes = row.blob(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.size()), id.begin());
  return id;
}

/// A key and where its row is.
struct Stored {
  std::int64_t number = 0;
  SubjectKey key;
};

}  // namespace

struct SubjectKeys::State {
  State(Database opened, Statements prepared, const KeyWrapping& with, std::size_t cached)
      : database(std::move(opened)),
        statements(std::move(prepared)),
        wrapping(with),
        by_subject(std::max<std::size_t>(cached, 1)),
        by_id(std::max<std::size_t>(cached, 1)) {}

  /// Forgets what is cached when another process changed the file: it may have erased keys.
  Result<void> notice_changes() {
    TRY(statements.version.step());
    const std::int64_t version = statements.version.integer(0);
    statements.version.reset();
    if (version != seen_version) {
      by_subject.clear();
      by_id.clear();
    }
    seen_version = version;
    return {};
  }

  Result<std::optional<Stored>> load(const RandomName& name) {
    Statement& row = statements.by_subject;
    row.bind_blob(1, name);
    if (!TRY(row.step())) return std::nullopt;
    Stored stored{.number = row.integer(0), .key = {.id = id_of(row, 1)}};
    auto key = wrapping.unwrap(row.blob(2), stored.key.id);
    row.reset();
    stored.key.key = TRY(std::move(key));
    return stored;
  }

  Result<SubjectKey> create(const RandomName& name) {
    SubjectKey key{.key = SymmetricKey::random()};
    crypto::fill_random(key.id);
    const std::string wrapped = wrapping.wrap(key);
    statements.insert_key.bind_blob(1, key.id);
    statements.insert_key.bind_blob(2, bytes_of(wrapped));
    TRY_VOID(statements.insert_key.run());
    statements.insert_subject.bind_blob(1, name);
    statements.insert_subject.bind(2, database.last_row_id());
    TRY_VOID(statements.insert_subject.run());
    return key;
  }

  /// Keys for those at `missing`, in one transaction.
  Result<void> create_missing(std::span<const RandomName> names,
                              std::span<const std::size_t> missing, std::vector<SubjectKey>& keys) {
    Transaction transaction = TRY(Transaction::begin(database));
    for (const std::size_t i : missing) {
      // Another process may have made it meanwhile, or an earlier one of these.
      const auto stored = TRY(load(names[i]));
      keys[i] = stored ? stored->key : TRY(create(names[i]));
    }
    TRY_VOID(transaction.commit());
    for (const std::size_t i : missing) by_subject.put(names[i], keys[i]);
    return {};
  }

  Result<std::vector<LegalHold>> holds(const RandomName& name) {
    Statement& row = statements.holds;
    row.bind_blob(1, name);
    std::vector<LegalHold> out;
    while (TRY(row.step())) out.push_back({std::string(row.text(0)), row.integer(1)});
    return out;
  }

  Result<std::optional<Erasure>> erase_row(const RandomName& name, std::int64_t now) {
    Transaction transaction = TRY(Transaction::begin(database));
    if (const auto held = TRY(holds(name)); !held.empty()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the legal hold `{}` keeps this from being erased: release it first",
                              printable(held.front().name)));
    }
    const auto stored = TRY(load(name));
    if (!stored) return std::nullopt;
    statements.overwrite.bind(1, stored->number);
    TRY_VOID(statements.overwrite.run());
    statements.delete_subject.bind_blob(1, name);
    TRY_VOID(statements.delete_subject.run());
    statements.insert_erasure.bind(1, stored->number);
    statements.insert_erasure.bind_blob(2, name);
    statements.insert_erasure.bind(3, now);
    TRY_VOID(statements.insert_erasure.run());
    by_subject.remove(name);
    by_id.remove(stored->key.id);
    TRY_VOID(transaction.commit());
    return Erasure{.key_id = stored->key.id, .time = now};
  }

  std::mutex mutex;  // guards all of it
  Database database;
  Statements statements;
  KeyWrapping wrapping;
  KeyCache by_subject, by_id;
  std::int64_t seen_version = 0;
};

SubjectKeys::SubjectKeys(std::unique_ptr<State> state) : state_(std::move(state)) {}

SubjectKeys::~SubjectKeys() = default;

Result<std::unique_ptr<SubjectKeys>> SubjectKeys::open(const SubjectKeysOptions& options,
                                                       const SymmetricKey& master) {
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
  Statements statements = TRY(Statements::prepare(database));
  return std::unique_ptr<SubjectKeys>(new SubjectKeys(std::make_unique<State>(
      std::move(database), std::move(statements), wrapping, options.cached)));
}

Result<void> SubjectKeys::find_or_create(std::span<const Subject> subjects,
                                         std::vector<SubjectKey>& keys) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  keys.resize(subjects.size());
  std::vector<RandomName> names(subjects.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    names[i] = state_->wrapping.name_of(subjects[i]);
    if (const SubjectKey* const cached = state_->by_subject.find(names[i])) {
      keys[i] = *cached;
    } else if (const auto stored = TRY(state_->load(names[i]))) {
      keys[i] = stored->key;
      state_->by_subject.put(names[i], stored->key);
    } else {
      missing.push_back(i);
    }
  }
  if (missing.empty()) return {};
  return state_->create_missing(names, missing, keys);
}

Result<std::optional<SubjectKey>> SubjectKeys::find_subject(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  const RandomName name = state_->wrapping.name_of(subject);
  if (const SubjectKey* const cached = state_->by_subject.find(name)) return *cached;
  const auto stored = TRY(state_->load(name));
  if (!stored) return std::nullopt;
  state_->by_subject.put(name, stored->key);
  return stored->key;
}

Result<event::KeyLookup::Answer> SubjectKeys::find(const KeyId& id, SymmetricKey& key) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  if (const SubjectKey* const cached = state_->by_id.find(id)) {
    key = cached->key;
    return Answer::kFound;
  }
  Statement& row = state_->statements.by_id;
  row.bind_blob(1, id);
  if (!TRY(row.step())) return Answer::kMissing;
  const bool is_erased = !row.is_null(1);
  auto unwrapped = is_erased ? Result<SymmetricKey>() : state_->wrapping.unwrap(row.blob(0), id);
  row.reset();
  if (is_erased) return Answer::kErased;
  key = TRY(std::move(unwrapped));
  state_->by_id.put(id, {.id = id, .key = key});
  return Answer::kFound;
}

Result<std::optional<Erasure>> SubjectKeys::erase(const Subject& subject, std::int64_t now) {
  const std::scoped_lock lock(state_->mutex);
  TRY_VOID(state_->notice_changes());
  const auto erasure = TRY(state_->erase_row(state_->wrapping.name_of(subject), now));
  // Always: an earlier attempt may have ended here.
  TRY_VOID(state_->database.empty_wal());
  return erasure;
}

Result<std::vector<Erasure>> SubjectKeys::erasures(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  const RandomName name = state_->wrapping.name_of(subject);
  Statement& row = state_->statements.erasures;
  row.bind_blob(1, name);
  std::vector<Erasure> out;
  while (TRY(row.step())) out.push_back({.key_id = id_of(row, 0), .time = row.integer(1)});
  return out;
}

Result<void> SubjectKeys::hold(const Subject& subject, std::string_view name, std::int64_t now) {
  const std::scoped_lock lock(state_->mutex);
  const RandomName row = state_->wrapping.name_of(subject);
  Statement& insert = state_->statements.insert_hold;
  insert.bind_blob(1, row);
  insert.bind(2, name);
  insert.bind(3, now);
  return insert.run();
}

Result<bool> SubjectKeys::release(const Subject& subject, std::string_view name) {
  const std::scoped_lock lock(state_->mutex);
  const RandomName row = state_->wrapping.name_of(subject);
  Statement& remove = state_->statements.delete_hold;
  remove.bind_blob(1, row);
  remove.bind(2, name);
  TRY_VOID(remove.run());
  return state_->database.changed_rows() > 0;
}

Result<std::vector<LegalHold>> SubjectKeys::holds(const Subject& subject) {
  const std::scoped_lock lock(state_->mutex);
  return state_->holds(state_->wrapping.name_of(subject));
}

std::uint64_t index_term(const SymmetricKey& key, std::string_view role, std::string_view value) {
  const auto hash = keyed_hash(key, "index term", {role, value});
  std::uint64_t term = 0;
  for (std::size_t i = 0; i < sizeof term; ++i) term = term << 8 | hash[i];
  return term;
}

}  // namespace wardlock::audit
