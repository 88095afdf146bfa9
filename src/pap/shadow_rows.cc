#include "pap/shadow_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/json.h"
#include "pap/tables.h"

namespace wardlock::pap {
namespace {

using boost::json::array;
using boost::json::object;
using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kStage =
    "SELECT tenant, environment, number, draft, content, limit_count, limit_permille, person, "
    "reason, made_ms, ended, ended_by, ended_ms FROM policy_shadow WHERE tenant = $1 AND "
    "environment = $2";

constexpr std::string_view kShadowCounts = "policy_shadow_count";
constexpr std::string_view kCanaryCounts = "policy_canary_count";

constexpr std::array kAllEnds = {ShadowEnd::kNot, ShadowEnd::kStopped, ShadowEnd::kLimit,
                                 ShadowEnd::kReplaced, ShadowEnd::kInForce};

Result<ShadowStage> read_stage(Row row) {
  const auto* const end =
      std::ranges::find(kAllEnds, row.text(10), [](ShadowEnd each) { return to_string(each); });
  if (end == kAllEnds.end()) return fail(ErrorCode::kDataLoss, "a shadow's end cannot be read");
  return ShadowStage{
      .place = {.tenant = std::string(row.text(0)), .environment = std::string(row.text(1))},
      .number = static_cast<std::uint64_t>(row.integer(2)),
      .draft = std::string(row.text(3)),
      .content = std::string(row.text(4)),
      .limit = {.count = static_cast<std::uint64_t>(row.integer(5)),
                .permille = static_cast<std::uint32_t>(row.integer(6))},
      .person = std::string(row.text(7)),
      .reason = std::string(row.text(8)),
      .made_ms = row.integer(9),
      .end = *end,
      .ended_by = std::string(row.text(11)),
      .ended_ms = row.integer(12)};
}

Result<std::optional<ShadowStage>> first_of(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return TRY(read_stage(rows.front()));
}

std::string text_of(const std::vector<ShadowDifference>& kinds) {
  array out;
  for (const ShadowDifference& each : kinds) {
    out.push_back(object{{"who", each.who},
                         {"action", each.action},
                         {"resource", each.resource_type},
                         {"gain", each.is_gain},
                         {"count", each.count},
                         {"decision", each.decision_id},
                         {"policies", array(each.policies.begin(), each.policies.end())},
                         {"cause", each.cause}});
  }
  return codec::to_json_text(codec::Json(std::move(out)));
}

std::string text_in(const object& from, std::string_view name) {
  const codec::Json* const value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

ShadowDifference read_kind(const object& from) {
  ShadowDifference kind{.who = text_in(from, "who"),
                        .action = text_in(from, "action"),
                        .resource_type = text_in(from, "resource"),
                        .decision_id = text_in(from, "decision"),
                        .cause = text_in(from, "cause")};
  if (const codec::Json* const gain = from.if_contains("gain")) {
    kind.is_gain = gain->is_bool() && gain->get_bool();
  }
  if (const codec::Json* const count = from.if_contains("count")) {
    if (count->is_int64()) kind.count = static_cast<std::uint64_t>(count->get_int64());
  }
  if (const codec::Json* const policies = from.if_contains("policies")) {
    if (!policies->is_array()) return kind;
    for (const codec::Json& each : policies->get_array()) {
      if (each.is_string()) kind.policies.emplace_back(each.get_string());
    }
  }
  return kind;
}

Result<std::vector<ShadowDifference>> read_kinds(std::string_view text) {
  const auto json = codec::parse_json(text);
  if (!json || !json->is_array()) {
    return fail(ErrorCode::kDataLoss, "a shadow's differences cannot be read");
  }
  std::vector<ShadowDifference> kinds;
  for (const codec::Json& each : json->get_array()) {
    if (each.is_object()) kinds.push_back(read_kind(each.get_object()));
  }
  return kinds;
}

}  // namespace

Result<void> insert_shadow(Work& work, ShadowStage& stage) {
  const Rows rows = TRY(work.query(
      "INSERT INTO policy_shadow (tenant, environment, number, draft, content, "
      "limit_count, limit_permille, person, reason, made_ms, ended, ended_by, "
      "ended_ms) SELECT $1, $2, count(*) + 1, $3, $4, $5, $6, $7, $8, $9, "
      "'running', '', 0 FROM policy_shadow WHERE tenant = $1 AND environment = $2 "
      "RETURNING number",
      stage.place.tenant, stage.place.environment, stage.draft, stage.content, stage.limit.count,
      static_cast<std::int64_t>(stage.limit.permille), stage.person, stage.reason, stage.made_ms));
  stage.number = static_cast<std::uint64_t>(rows.front().integer(0));
  work.notify(std::string(kActivationChannel));
  return {};
}

Result<bool> end_shadow(Work& work, const ShadowStage& stage) {
  const std::uint64_t ended =
      TRY(work.run("UPDATE policy_shadow SET ended = $4, ended_by = $5, ended_ms = $6 WHERE "
                   "tenant = $1 AND environment = $2 AND number = $3 AND ended = 'running'",
                   stage.place.tenant, stage.place.environment, stage.number, to_string(stage.end),
                   stage.ended_by, stage.ended_ms));
  work.notify(std::string(kActivationChannel));
  return ended == 1;
}

Result<std::optional<ShadowStage>> find_running_shadow(Work& work, const PolicyPlace& place) {
  static const std::string sql = fmt::format("{} AND ended = 'running'", kStage);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment));
  return first_of(rows);
}

Result<std::optional<ShadowStage>> find_shadow(Work& work, const PolicyPlace& place,
                                               std::uint64_t number) {
  static const std::string sql = fmt::format("{} AND number = $3", kStage);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, number));
  return first_of(rows);
}

Result<std::vector<ShadowStage>> find_shadows(Work& work, const PolicyPlace& place,
                                              std::uint64_t before, std::size_t most) {
  static const std::string sql =
      fmt::format("{} AND ($3 = 0 OR number < $3) ORDER BY number DESC LIMIT $4", kStage);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, before, most));
  std::vector<ShadowStage> stages;
  for (const Row row : rows) stages.push_back(TRY(read_stage(row)));
  return stages;
}

Result<void> put_shadow_count(Work& work, const CountedStage& stage, const NodeShadowCount& count) {
  constexpr std::string_view kSql =
      "INSERT INTO {} (tenant, environment, number, node, compared, skipped, gained, lost, kinds, "
      "at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, environment, "
      "number, node) DO UPDATE SET compared = $5, skipped = $6, gained = $7, lost = $8, kinds = "
      "$9, at_ms = $10";
  static const std::string of_shadows = fmt::format(kSql, kShadowCounts);
  static const std::string of_canaries = fmt::format(kSql, kCanaryCounts);
  const ShadowCount& found = count.count;
  TRY(work.run(stage.is_canary ? of_canaries : of_shadows, stage.place.tenant,
               stage.place.environment, stage.number, count.node, found.compared, found.skipped,
               found.gained, found.lost, text_of(found.kinds), count.at_ms));
  return {};
}

Result<std::vector<NodeShadowCount>> find_shadow_counts(Work& work, const CountedStage& stage) {
  constexpr std::string_view kSql =
      "SELECT node, compared, skipped, gained, lost, kinds, at_ms FROM {} WHERE tenant = $1 AND "
      "environment = $2 AND number = $3 ORDER BY node";
  static const std::string of_shadows = fmt::format(kSql, kShadowCounts);
  static const std::string of_canaries = fmt::format(kSql, kCanaryCounts);
  const Rows rows = TRY(work.query(stage.is_canary ? of_canaries : of_shadows, stage.place.tenant,
                                   stage.place.environment, stage.number));
  std::vector<NodeShadowCount> counts;
  for (const Row row : rows) {
    counts.push_back({.node = std::string(row.text(0)),
                      .count = {.compared = static_cast<std::uint64_t>(row.integer(1)),
                                .skipped = static_cast<std::uint64_t>(row.integer(2)),
                                .gained = static_cast<std::uint64_t>(row.integer(3)),
                                .lost = static_cast<std::uint64_t>(row.integer(4)),
                                .kinds = TRY(read_kinds(row.text(5)))},
                      .at_ms = row.integer(6)});
  }
  return counts;
}

}  // namespace wardlock::pap
