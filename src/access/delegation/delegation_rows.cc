#include "access/delegation/delegation_rows.h"

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
    "d.id, d.tenant, d.delegator, d.delegator_kind, d.delegate, d.target, d.target_kind, "
    "d.actions, d.purpose, d.ticket, d.words, d.onward, d.passes_on, d.begins_ms, d.ends_ms, "
    "d.made_by, d.made_through, d.made_ms, d.ended_ms, d.end_cause, d.ended_by";

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kDataLoss, fmt::format("{} of a delegation cannot be read", what));
}

std::string to_text(const std::vector<std::string>& words) {
  return codec::to_json_text(boost::json::array(words.begin(), words.end()));
}

Result<std::vector<std::string>> read_words(std::string_view text) {
  const auto json = codec::parse_json(text);
  if (!json || !json->is_array()) return damaged("the actions");
  std::vector<std::string> words;
  for (const codec::Json& each : json->get_array()) {
    if (!each.is_string()) return damaged("the actions");
    words.emplace_back(each.get_string());
  }
  return words;
}

Result<KeptDelegation> read_delegation(Row row) {
  const auto delegator_kind = directory::find_kind(row.text(3));
  const auto target_kind = directory::find_kind(row.text(6));
  if (!delegator_kind || !target_kind) return damaged("what somebody is");
  KeptDelegation out{.id = std::string(row.text(0)),
                     .tenant = std::string(row.text(1)),
                     .delegator = std::string(row.text(2)),
                     .delegator_kind = *delegator_kind,
                     .delegate = std::string(row.text(4)),
                     .target = std::string(row.text(5)),
                     .target_kind = *target_kind};
  out.actions = TRY(read_words(row.text(7)));
  out.purpose = row.text(8);
  out.ticket = row.text(9);
  out.words = row.text(10);
  out.may_pass_on = row.integer(11) != 0;
  out.passes_on = row.text(12);
  out.begins_ms = row.integer(13);
  out.ends_ms = row.integer(14);
  out.made_by = row.text(15);
  out.made_through = row.text(16);
  out.made_ms = row.integer(17);
  if (row.is_null(18)) return out;
  out.ended_ms = row.integer(18);
  out.end = find_delegation_end(row.text(19));
  if (!out.end) return damaged("the end");
  out.ended_by = row.text(20);
  return out;
}

Result<std::vector<KeptDelegation>> read_delegations(const Rows& rows) {
  std::vector<KeptDelegation> delegations;
  for (const Row row : rows) delegations.push_back(TRY(read_delegation(row)));
  return delegations;
}

}  // namespace

Result<void> insert_delegation(Work& work, const KeptDelegation& delegation) {
  TRY_VOID(work.run(
      "INSERT INTO delegation (tenant, id, delegator, delegator_kind, delegate, target, "
      "target_kind, actions, purpose, ticket, words, onward, passes_on, begins_ms, ends_ms, "
      "made_by, made_through, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14, $15, $16, $17, $18)",
      delegation.tenant, delegation.id, delegation.delegator,
      directory::to_string(delegation.delegator_kind), delegation.delegate, delegation.target,
      directory::to_string(delegation.target_kind), to_text(delegation.actions), delegation.purpose,
      delegation.ticket, delegation.words, std::int64_t{delegation.may_pass_on},
      delegation.passes_on, delegation.begins_ms, delegation.ends_ms, delegation.made_by,
      delegation.made_through, delegation.made_ms));
  return {};
}

Result<void> end_delegation(Work& work, const KeptDelegation& delegation) {
  const std::uint64_t changed = TRY(work.run(
      "UPDATE delegation SET ended_ms = CAST($3 AS BIGINT), end_cause = CAST($4 AS "
      "TEXT), ended_by = $5 WHERE tenant = $1 AND id = $2 AND ended_ms IS NULL",
      delegation.tenant, delegation.id, delegation.ended_ms,
      delegation.end ? std::optional<std::string>(to_string(*delegation.end)) : std::nullopt,
      delegation.ended_by));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "the delegation has ended meanwhile");
}

Result<void> carry_delegation(Work& work, const KeptDelegation& delegation) {
  const std::uint64_t changed =
      TRY(work.run("UPDATE delegation SET delegator = $3, target = $4 WHERE tenant = $1 AND id = "
                   "$2 AND ended_ms IS NULL",
                   delegation.tenant, delegation.id, delegation.delegator, delegation.target));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "the delegation has ended meanwhile");
}

Result<UnendedDelegations> count_unended(Work& work, const KeptDelegation& delegation) {
  const Rows rows = TRY(work.query(
      "SELECT count(*), coalesce(sum(CASE WHEN delegate = $3 AND target = $4 THEN 1 ELSE 0 END), "
      "0) FROM delegation WHERE tenant = $1 AND delegator = $2 AND ended_ms IS NULL",
      delegation.tenant, delegation.delegator, delegation.delegate, delegation.target));
  const Row counts = rows.front();
  return UnendedDelegations{.all = static_cast<std::size_t>(counts.integer(0)),
                            .alike = static_cast<std::size_t>(counts.integer(1))};
}

Result<std::optional<KeptDelegation>> find_delegation(Work& work, std::string_view tenant,
                                                      std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM delegation d WHERE d.tenant = $1 AND d.id = $2", kColumns);
  const Rows rows = TRY(work.query(sql, tenant, id));
  if (rows.empty()) return std::nullopt;
  return TRY(read_delegation(rows.front()));
}

Result<std::vector<KeptDelegation>> find_delegations_about(Work& work, std::string_view tenant,
                                                           std::string_view thing,
                                                           std::string_view before,
                                                           std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM delegation d WHERE d.tenant = $1 AND (d.delegator = $2 OR d.delegate = $2 OR "
      "d.target = $2) AND ($3 = '' OR d.id < $3) ORDER BY d.id DESC LIMIT CAST($4 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, thing, before, most));
  return read_delegations(rows);
}

Result<std::vector<KeptDelegation>> find_unended_delegations(Work& work, std::string_view tenant,
                                                             std::string_view after,
                                                             std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM delegation d WHERE d.tenant = $1 AND d.ended_ms IS NULL AND d.id > $2 ORDER "
      "BY d.id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, after, most));
  return read_delegations(rows);
}

Result<std::vector<KeptDelegation>> find_passed_on(Work& work, std::string_view tenant,
                                                   std::string_view id) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM delegation d WHERE d.tenant = $1 AND d.passes_on = $2 AND d.passes_on <> '' "
      "AND d.ended_ms IS NULL ORDER BY d.id",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, id));
  return read_delegations(rows);
}

Result<std::vector<KeptDelegation>> find_due_delegations(Work& work, std::string_view tenant,
                                                         std::int64_t now_ms,
                                                         std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM delegation d LEFT JOIN thing a ON a.tenant = d.tenant AND a.id = d.delegator "
      "LEFT JOIN thing b ON b.tenant = d.tenant AND b.id = d.delegate LEFT JOIN thing t ON "
      "t.tenant = d.tenant AND t.id = d.target WHERE d.tenant = $1 AND d.ended_ms IS NULL AND d.id "
      "> $3 AND (d.ends_ms <= $2 OR a.id IS NULL OR b.id IS NULL OR t.id IS NULL OR a.state NOT IN "
      "('active', 'registered', 'temporary') OR b.state <> 'active' OR t.state NOT IN ('active', "
      "'registered', 'temporary', 'manufactured', 'commissioned', 'inService', 'quarantined')) "
      "ORDER BY d.id LIMIT CAST($4 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, now_ms, after, most));
  return read_delegations(rows);
}

}  // namespace wardlock::access
