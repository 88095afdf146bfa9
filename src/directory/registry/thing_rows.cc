#include "directory/registry/thing_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "directory/model/indexed_values.h"
#include "directory/model/schema.h"
#include "directory/registry/tables.h"

namespace wardlock::directory {
namespace {

Result<void> put_identities(storage::Work& work, std::string_view tenant, const Thing& thing) {
  for (const Identity& identity : identities(thing.document)) {
    const std::uint64_t changed =
        TRY(work.run("INSERT INTO identifier (tenant, type, value, thing, is_current) "
                     "VALUES ($1, $2, $3, $4, 1) ON CONFLICT (tenant, type, value) "
                     "DO UPDATE SET is_current = 1 WHERE identifier.thing = excluded.thing",
                     tenant, identity.type, identity.value, thing.id));
    if (changed == 0) {
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("`{}` is or was another one's, and is never given to a second; "
                              "choose another",
                              identity.path));
    }
  }
  return {};
}

bool is_reference(Kind kind, std::string_view path) {
  const Attribute* attribute = find_attribute(schema_of(kind).attributes, path);
  return attribute != nullptr && attribute->type == Type::kReference;
}

Result<void> put_attributes(storage::Work& work, std::string_view tenant, const Thing& thing,
                            bool are_references_enough = false) {
  for (const IndexedValue& value : indexed_values(thing.document)) {
    if (are_references_enough && !is_reference(thing.kind, value.path)) continue;
    std::optional<std::string_view> text;
    if (!value.number) text = value.text;
    TRY_VOID(work.run(
        "INSERT INTO attribute (tenant, kind, name, position, value, number, thing) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant, to_string(thing.kind), value.path, value.position, text, value.number, thing.id));
  }
  return {};
}

/// Whether things of the kind are found, within the transaction that enters them, by identifiers
/// and what they refer to alone: the others by what they are called, too.
bool is_known_by_identifiers(Kind kind) {
  const auto all = naming_attributes(kind);
  return std::ranges::any_of(
      all, [](const NamingAttribute& naming) { return naming.attribute->is_required; });
}

/// Before what it has now is put.
Result<void> take_away(storage::Work& work, std::string_view id) {
  TRY_VOID(work.run("UPDATE identifier SET is_current = 0 WHERE thing = $1", id));
  TRY_VOID(work.run("DELETE FROM attribute WHERE thing = $1", id));
  return {};
}

}  // namespace

Result<Thing> read_thing_row(storage::Row row, const boost::json::storage_ptr& memory) {
  const auto kind = find_kind(row.text(1));
  if (!kind) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a thing of the directory is of the kind `{}`, which this version "
                            "does not know",
                            row.text(1)));
  }
  Document document = TRY(Document::read_kept(*kind, row.text(6), memory));
  return Thing{.id = std::string(row.text(0)),
               .kind = *kind,
               .state = std::string(row.text(2)),
               .version = static_cast<std::uint64_t>(row.integer(3)),
               .created_ms = row.integer(4),
               .changed_ms = row.integer(5),
               .document = std::move(document)};
}

Result<std::optional<Thing>> find_thing(storage::Work& work, std::string_view tenant,
                                        std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM thing t WHERE t.id = $1 AND t.tenant = $2 AND t.state <> '{}'",
                  kThingColumns, kRemoved);
  const storage::Rows rows = TRY(work.query(sql, id, tenant));
  if (rows.empty()) return std::nullopt;
  return TRY(read_thing_row(rows.front()));
}

Result<std::optional<Thing>> find_named(storage::Work& work, std::string_view tenant,
                                        std::string_view type, std::string_view value) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM identifier i JOIN thing t ON t.id = i.thing "
      "WHERE i.tenant = $1 AND i.type = $2 AND i.value = $3 AND i.is_current = 1",
      kThingColumns);
  const storage::Rows rows = TRY(work.query(sql, tenant, type, value));
  if (rows.empty()) return std::nullopt;
  return TRY(read_thing_row(rows.front()));
}

Result<std::vector<Thing>> find_valued(storage::Work& work, std::string_view tenant, Kind kind,
                                       std::string_view path, std::string_view text,
                                       std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM attribute a JOIN thing t ON t.id = a.thing WHERE a.tenant = $1 AND "
      "a.kind = $2 AND a.name = $3 AND a.value = $4 ORDER BY t.id LIMIT CAST($5 AS BIGINT)",
      kThingColumns);
  const Attribute* attribute = find_searchable(kind, path);
  CHECK(attribute != nullptr);
  const storage::Rows rows =
      TRY(work.query(sql, tenant, to_string(kind), path, searchable_text(*attribute, text), most));
  std::vector<Thing> found;
  for (const storage::Row row : rows) found.push_back(TRY(read_thing_row(row)));
  return found;
}

Result<void> insert_thing(storage::Work& work, std::string_view tenant, const Thing& thing,
                          bool is_rehearsal) {
  TRY_VOID(work.run(
      "INSERT INTO thing (id, tenant, kind, state, version, created_ms, changed_ms, document) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      thing.id, tenant, to_string(thing.kind), thing.state, thing.version, thing.created_ms,
      thing.changed_ms, thing.document.text()));
  TRY_VOID(put_identities(work, tenant, thing));
  return put_attributes(work, tenant, thing, is_rehearsal && is_known_by_identifiers(thing.kind));
}

Result<void> replace_thing(storage::Work& work, std::string_view tenant, const Thing& thing) {
  TRY_VOID(
      work.run("UPDATE thing SET version = $2, changed_ms = $3, state = $4, document = $5 "
               "WHERE id = $1",
               thing.id, thing.version, thing.changed_ms, thing.state, thing.document.text()));
  TRY_VOID(take_away(work, thing.id));
  TRY_VOID(put_identities(work, tenant, thing));
  return put_attributes(work, tenant, thing);
}

Result<void> replace_state(storage::Work& work, const Thing& thing) {
  TRY_VOID(work.run("UPDATE thing SET version = $2, changed_ms = $3, state = $4 WHERE id = $1",
                    thing.id, thing.version, thing.changed_ms, thing.state));
  return {};
}

Result<void> renew_version(storage::Work& work, std::string_view id, std::int64_t changed_ms) {
  TRY_VOID(work.run("UPDATE thing SET version = version + 1, changed_ms = $2 WHERE id = $1", id,
                    changed_ms));
  return {};
}

Result<void> clear_thing(storage::Work& work, const Thing& thing) {
  TRY_VOID(work.run(
      "UPDATE thing SET version = $2, changed_ms = $3, state = $4, document = '{}' WHERE id = $1",
      thing.id, thing.version, thing.changed_ms, kRemoved));
  return take_away(work, thing.id);
}

std::string to_feed_text(const Thing& thing) {
  return fmt::format(R"({{"document":{},"state":"{}","version":{}}})", thing.document.text(),
                     thing.state, thing.version);
}

}  // namespace wardlock::directory
