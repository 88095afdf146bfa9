#include "directory/registry/relation_rows.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/utf8.h"
#include "directory/identifier/uuid7.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kColumns =
    "id, kind, subject, object, scope, valid_from_ms, valid_until_ms, made_by_type, made_by_id, "
    "reason, document, ended";

}  // namespace

Result<KeptRelation> read_relation_row(storage::Row row) {
  const auto relation = find_relation(row.text(1));
  if (!relation) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a relation of the directory is of the kind `{}`, which this version "
                            "does not know",
                            row.text(1)));
  }
  KeptRelation kept{.id = std::string(row.text(0)),
                    .relation = *relation,
                    .subject = std::string(row.text(2)),
                    .object = std::string(row.text(3)),
                    .scope = {},
                    .from_ms = row.integer(5),
                    .until_ms = {},
                    .made_by_type = std::string(row.text(7)),
                    .made_by_id = std::string(row.text(8)),
                    .reason = std::string(row.text(9)),
                    .attributes = std::string(row.text(10)),
                    .is_ended = row.integer(11) != 0};
  if (!row.is_null(4)) kept.scope = std::string(row.text(4));
  if (!row.is_null(6)) kept.until_ms = row.integer(6);
  return kept;
}

Result<std::optional<KeptRelation>> find_relation_row(storage::Work& work, std::string_view tenant,
                                                      std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM relation WHERE id = $1 AND tenant = $2", kColumns);
  const storage::Rows rows = TRY(work.query(sql, id, tenant));
  if (rows.empty()) return std::nullopt;
  return TRY(read_relation_row(rows.front()));
}

Result<KeptRelation> require_relation(storage::Work& work, std::string_view tenant,
                                      std::string_view id) {
  auto relation = TRY(find_relation_row(work, tenant, id));
  if (relation) return std::move(*relation);
  return fail(ErrorCode::kNotFound, fmt::format("no relation has the id `{}`", printable(id)));
}

Result<std::vector<KeptRelation>> find_relations(storage::Work& work, std::string_view tenant,
                                                 const RelationFilter& filter) {
  if (filter.subject.empty() && filter.object.empty() && filter.scope.empty()) {
    return invalid("relations are asked for by a subject, an object or a scope");
  }
  std::string sql = fmt::format("SELECT {} FROM relation WHERE tenant = $1", kColumns);
  std::vector<storage::Parameter> parameters = {tenant};
  if (filter.not_ended_by != 0) {
    parameters.emplace_back(filter.not_ended_by);
    sql += fmt::format(" AND {}", fmt::format(kNotEnded, "$2"));
  }
  const auto add = [&](std::string_view column, std::string_view value) {
    if (value.empty()) return;
    parameters.emplace_back(value);
    sql += fmt::format(" AND {} = ${}", column, parameters.size());
  };
  add("subject", filter.subject);
  add("object", filter.object);
  add("scope", filter.scope);
  if (filter.relation) add("kind", to_string(*filter.relation));
  sql += " ORDER BY id";
  const storage::Rows rows = TRY(work.query(sql, std::span<const storage::Parameter>(parameters)));
  std::vector<KeptRelation> found;
  for (const storage::Row row : rows) found.push_back(TRY(read_relation_row(row)));
  return found;
}

Result<std::vector<KeptRelation>> list_open_relations(storage::Work& work, std::string_view tenant,
                                                      Relation relation, std::string_view after,
                                                      std::size_t count,
                                                      std::int64_t not_ended_by) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM relation WHERE id > $1 AND tenant = $2 AND kind = $3 AND {} ORDER BY id "
      "LIMIT "
      "CAST($5 AS BIGINT)",
      kColumns, fmt::format(kNotEnded, "$4"));
  const storage::Rows rows =
      TRY(work.query(sql, after, tenant, to_string(relation), not_ended_by, count));
  std::vector<KeptRelation> found;
  for (const storage::Row row : rows) found.push_back(TRY(read_relation_row(row)));
  return found;
}

Result<std::vector<KeptRelation>> find_relations_made_by(storage::Work& work, const Mandate& whose,
                                                         std::int64_t since_ms, std::int64_t now,
                                                         std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM relation WHERE id >= $1 AND tenant = $2 AND made_by_type = $3 AND "
      "made_by_id = $4 AND {} ORDER BY id LIMIT CAST($6 AS BIGINT)",
      kColumns, fmt::format(kNotEnded, "$5"));
  // Ids tell when they were made.
  const storage::Rows rows = TRY(work.query(sql, make_uuid7(since_ms, {}), whose.tenant,
                                            whose.actor_type, whose.actor_id, now, most));
  std::vector<KeptRelation> found;
  for (const storage::Row row : rows) found.push_back(TRY(read_relation_row(row)));
  return found;
}

Result<void> insert_relation(storage::Work& work, std::string_view tenant,
                             const KeptRelation& relation) {
  TRY_VOID(
      work.run("INSERT INTO relation (id, tenant, kind, subject, object, scope, valid_from_ms, "
               "valid_until_ms, made_by_type, made_by_id, reason, document) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
               relation.id, tenant, to_string(relation.relation), relation.subject, relation.object,
               relation.scope, relation.from_ms, relation.until_ms, relation.made_by_type,
               relation.made_by_id, relation.reason, relation.attributes));
  return {};
}

Result<void> set_end(storage::Work& work, std::string_view id, std::int64_t until_ms,
                     bool is_ended) {
  TRY_VOID(work.run("UPDATE relation SET valid_until_ms = $2, ended = $3 WHERE id = $1", id,
                    until_ms, is_ended ? 1 : 0));
  return {};
}

Result<bool> leads_to(storage::Work& work, std::string_view tenant, Relation relation,
                      std::string_view from, std::string_view to, std::int64_t now) {
  static const std::string sql = fmt::format(
      "WITH RECURSIVE reached (id) AS (SELECT id FROM thing WHERE id = $3 UNION "
      "SELECT r.object FROM relation r JOIN reached ON r.subject = reached.id AND r.kind = $2 "
      "WHERE r.tenant = $1 AND {}) SELECT id FROM reached WHERE id = $4",
      fmt::format(kNotEnded, "$5"));
  const storage::Rows rows = TRY(work.query(sql, tenant, to_string(relation), from, to, now));
  return !rows.empty();
}

std::string to_feed_text(const KeptRelation& relation) {
  std::string out =
      fmt::format(R"({{"document":{},"from":"{}","kind":"{}","object":"{}")", relation.attributes,
                  to_time_text(relation.from_ms), to_string(relation.relation), relation.object);
  if (relation.scope) out += fmt::format(R"(,"scope":"{}")", *relation.scope);
  out += fmt::format(R"(,"subject":"{}")", relation.subject);
  if (relation.until_ms) out += fmt::format(R"(,"until":"{}")", to_time_text(*relation.until_ms));
  return out + '}';
}

}  // namespace wardlock::directory
