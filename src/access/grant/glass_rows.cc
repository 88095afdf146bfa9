#include "access/grant/glass_rows.h"

#include <fmt/format.h>

#include <string>

#include "codec/json.h"
#include "directory/model/schema.h"

namespace wardlock::access {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "g.id, g.tenant, g.person, g.target, g.target_kind, g.reason, g.words, g.actions, g.waives, "
    "g.opened_ms, g.expires_ms, g.warned, g.in_shift, g.escalated, g.review_due_ms, g.session, "
    "g.level, g.methods, g.authenticated_ms, g.caller, g.ended_ms, g.end_cause";

std::string to_text(const std::vector<std::string>& words) {
  return codec::to_json_text(boost::json::array(words.begin(), words.end()));
}

Result<std::vector<std::string>> read_words(std::string_view text) {
  const auto json = codec::parse_json(text);
  if (!json || !json->is_array()) {
    return fail(ErrorCode::kDataLoss, "a list of a break-glass grant cannot be read");
  }
  std::vector<std::string> words;
  for (const codec::Json& each : json->get_array()) {
    if (!each.is_string()) {
      return fail(ErrorCode::kDataLoss, "a list of a break-glass grant cannot be read");
    }
    words.emplace_back(each.get_string());
  }
  return words;
}

Result<GlassGrant> read_grant(Row row) {
  const auto kind = directory::find_kind(row.text(4));
  if (!kind) return fail(ErrorCode::kDataLoss, "what a break-glass grant is for cannot be read");
  GlassGrant grant{.id = std::string(row.text(0)),
                   .tenant = std::string(row.text(1)),
                   .person = std::string(row.text(2)),
                   .target = std::string(row.text(3)),
                   .target_kind = *kind,
                   .reason = std::string(row.text(5)),
                   .words = std::string(row.text(6))};
  grant.actions = TRY(read_words(row.text(7)));
  grant.waives = TRY(read_words(row.text(8)));
  grant.opened_ms = row.integer(9);
  grant.expires_ms = row.integer(10);
  grant.is_warned = row.integer(11) != 0;
  grant.in_shift = static_cast<std::size_t>(row.integer(12));
  grant.is_escalated = row.integer(13) != 0;
  grant.review_due_ms = row.integer(14);
  grant.proof = {.session = std::string(row.text(15)), .level = row.integer(16)};
  grant.proof.methods = TRY(read_words(row.text(17)));
  grant.proof.authenticated_ms = row.integer(18);
  grant.caller = row.text(19);
  if (row.is_null(20)) return grant;
  grant.ended_ms = row.integer(20);
  grant.end = find_glass_end(row.text(21));
  if (!grant.end) return fail(ErrorCode::kDataLoss, "why a break-glass grant ended cannot be read");
  return grant;
}

Result<std::vector<GlassGrant>> read_grants(const Rows& rows) {
  std::vector<GlassGrant> grants;
  for (const Row row : rows) grants.push_back(TRY(read_grant(row)));
  return grants;
}

Result<std::optional<GlassGrant>> read_first(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return TRY(read_grant(rows.front()));
}

}  // namespace

Result<void> insert_grant(Work& work, const GlassGrant& grant) {
  TRY_VOID(work.run(
      "INSERT INTO glass_grant (tenant, id, person, target, target_kind, reason, words, actions, "
      "waives, opened_ms, expires_ms, warned, in_shift, escalated, review_due_ms, session, level, "
      "methods, authenticated_ms, caller) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "0, $12, $13, $14, $15, $16, $17, $18, $19)",
      grant.tenant, grant.id, grant.person, grant.target, directory::to_string(grant.target_kind),
      grant.reason, grant.words, to_text(grant.actions), to_text(grant.waives), grant.opened_ms,
      grant.expires_ms, grant.in_shift, std::int64_t{grant.is_escalated}, grant.review_due_ms,
      grant.proof.session, grant.proof.level, to_text(grant.proof.methods),
      grant.proof.authenticated_ms, grant.caller));
  return {};
}

Result<void> replace_grant(Work& work, const GlassGrant& grant) {
  const std::uint64_t changed = TRY(work.run(
      "UPDATE glass_grant SET target = $3, reason = $4, words = $5, expires_ms = $6, warned = $7, "
      "session = $8, level = $9, methods = $10, authenticated_ms = $11, caller = $12, ended_ms = "
      "CAST($13 AS BIGINT), end_cause = CAST($14 AS TEXT), actions = $15, waives = $16 WHERE "
      "tenant = $1 AND id = $2 AND ended_ms IS NULL",
      grant.tenant, grant.id, grant.target, grant.reason, grant.words, grant.expires_ms,
      std::int64_t{grant.is_warned}, grant.proof.session, grant.proof.level,
      to_text(grant.proof.methods), grant.proof.authenticated_ms, grant.caller, grant.ended_ms,
      grant.end ? std::optional<std::string>(to_string(*grant.end)) : std::nullopt,
      to_text(grant.actions), to_text(grant.waives)));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "the grant has ended meanwhile");
}

Result<std::optional<GlassGrant>> find_grant(Work& work, std::string_view tenant,
                                             std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM glass_grant g WHERE g.tenant = $1 AND g.id = $2", kColumns);
  const Rows rows = TRY(work.query(sql, tenant, id));
  return read_first(rows);
}

Result<std::optional<GlassGrant>> find_open_grant(Work& work, std::string_view tenant,
                                                  std::string_view person, std::string_view target,
                                                  std::int64_t now_ms) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_grant g WHERE g.tenant = $1 AND g.person = $2 AND g.target = $3 AND "
      "g.ended_ms IS NULL AND g.expires_ms > $4 ORDER BY g.id LIMIT 1",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, person, target, now_ms));
  return read_first(rows);
}

Result<std::vector<GlassGrant>> find_unended(Work& work, std::string_view tenant,
                                             std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_grant g WHERE g.tenant = $1 AND g.ended_ms IS NULL AND g.id > $2 "
      "ORDER BY g.id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, after, most));
  return read_grants(rows);
}

Result<void> insert_untold(Work& work, const GlassGrant& grant) {
  TRY(work.run("INSERT INTO glass_untold (tenant, grant_id) VALUES ($1, $2)", grant.tenant,
               grant.id));
  return {};
}

Result<bool> remove_untold(Work& work, const GlassGrant& grant) {
  return TRY(work.run("DELETE FROM glass_untold WHERE tenant = $1 AND grant_id = $2", grant.tenant,
                      grant.id)) != 0;
}

Result<std::vector<GlassGrant>> find_untold(Work& work, std::string_view tenant,
                                            std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_grant g JOIN glass_untold u ON u.tenant = g.tenant AND u.grant_id = "
      "g.id WHERE g.tenant = $1 AND g.id > $2 ORDER BY g.id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, after, most));
  return read_grants(rows);
}

Result<std::vector<GlassGrant>> find_grants_of(Work& work, std::string_view tenant,
                                               std::string_view person, std::string_view before,
                                               std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_grant g WHERE g.tenant = $1 AND g.person = $2 AND ($3 = '' OR g.id < "
      "$3) ORDER BY g.id DESC LIMIT CAST($4 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, person, before, most));
  return read_grants(rows);
}

Result<std::size_t> count_grants_since(Work& work, std::string_view tenant, std::string_view person,
                                       std::int64_t since_ms) {
  const Rows rows =
      TRY(work.query("SELECT count(*) FROM glass_grant WHERE tenant = $1 AND person = $2 AND "
                     "opened_ms > $3",
                     tenant, person, since_ms));
  return static_cast<std::size_t>(rows.front().integer(0));
}

Result<std::vector<GlassGrant>> find_due(Work& work, std::string_view tenant, std::int64_t now_ms,
                                         std::int64_t warn_before_ms, std::int64_t begin_by_ms,
                                         std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_grant g LEFT JOIN thing p ON p.tenant = g.tenant AND p.id = g.person "
      "LEFT JOIN thing t ON t.tenant = g.tenant AND t.id = g.target WHERE g.tenant = $1 AND "
      "g.ended_ms IS NULL AND (g.expires_ms <= $2 OR g.opened_ms > $3 OR (g.warned = 0 AND "
      "g.expires_ms <= $4) OR p.id IS NULL OR t.id IS NULL OR p.state <> 'active' OR t.state IN "
      "('merged', 'archived', 'removed', 'retired')) ORDER BY g.id LIMIT CAST($5 AS BIGINT)",
      kColumns);
  const Rows rows =
      TRY(work.query(sql, tenant, now_ms, begin_by_ms, now_ms + warn_before_ms, most));
  return read_grants(rows);
}

Result<void> add_glass_step(Work& work, const GlassGrant& grant, GlassStep step,
                            std::string_view person, std::string_view reason,
                            std::string_view words, std::int64_t at_ms) {
  const Rows last = TRY(work.query(
      "SELECT COALESCE(MAX(number), 0) FROM glass_step WHERE tenant = $1 AND grant_id = $2",
      grant.tenant, grant.id));
  const std::int64_t number = last.front().integer(0) + 1;
  TRY_VOID(
      work.run("INSERT INTO glass_step (tenant, grant_id, number, step, person, reason, words, "
               "at_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
               grant.tenant, grant.id, number, to_string(step), person, reason, words, at_ms,
               grant.ended_ms.value_or(grant.expires_ms)));
  return {};
}

Result<std::vector<KeptGlassStep>> find_glass_steps(Work& work, std::string_view tenant,
                                                    std::string_view grant) {
  const Rows rows =
      TRY(work.query("SELECT step, person, reason, words, at_ms, until_ms FROM glass_step WHERE "
                     "tenant = $1 AND grant_id = $2 ORDER BY number",
                     tenant, grant));
  std::vector<KeptGlassStep> steps;
  for (const Row row : rows) {
    steps.push_back({.step = std::string(row.text(0)),
                     .person = std::string(row.text(1)),
                     .reason = std::string(row.text(2)),
                     .words = std::string(row.text(3)),
                     .at_ms = row.integer(4),
                     .until_ms = row.integer(5)});
  }
  return steps;
}

}  // namespace wardlock::access
