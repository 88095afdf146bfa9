#include "pap/canary_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bundle/envelope.h"
#include "pap/drafts.h"
#include "pap/tables.h"

namespace wardlock::pap {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::array<std::string_view, 7> kEnds = {"running",  "stopped",    "limit",  "replaced",
                                                   "in_force", "superseded", "expired"};

constexpr std::string_view kCanary =
    "SELECT tenant, environment, number, serial, draft, content, cause, limit_count, "
    "limit_permille, person, reason, envelope, made_ms, ends_ms, ended, ended_by, ended_ms FROM "
    "policy_canary WHERE tenant = $1 AND environment = $2";

/// What is shown of it is what was signed; whether the signature counts is for nodes to find out.
/// Of what cannot be read nothing: that, too, is to be ended, and keeps nothing from coming into
/// force.
bundle::CanaryPart part_of(std::string_view envelope) {
  const auto parsed = bundle::parse_envelope(envelope);
  if (!parsed) return {};
  auto statement = bundle::parse_statement(parsed->statement);
  return statement && statement->part ? *std::move(statement->part) : bundle::CanaryPart();
}

Result<CanaryStage> read_canary(Row row) {
  const auto cause = find_activation_cause(row.text(6));
  const auto end = find_canary_end(row.text(14));
  if (!cause || !end) return fail(ErrorCode::kDataLoss, "a canary cannot be read");
  return CanaryStage{
      .place = {.tenant = std::string(row.text(0)), .environment = std::string(row.text(1))},
      .number = static_cast<std::uint64_t>(row.integer(2)),
      .serial = static_cast<std::uint64_t>(row.integer(3)),
      .draft = std::string(row.text(4)),
      .content = std::string(row.text(5)),
      .part = part_of(row.text(11)),
      .cause = *cause,
      .limit = {.count = static_cast<std::uint64_t>(row.integer(7)),
                .permille = static_cast<std::uint32_t>(row.integer(8))},
      .person = std::string(row.text(9)),
      .reason = std::string(row.text(10)),
      .envelope = std::string(row.text(11)),
      .made_ms = row.integer(12),
      .ends_ms = row.integer(13),
      .end = *end,
      .ended_by = std::string(row.text(15)),
      .ended_ms = row.integer(16)};
}

Result<std::optional<CanaryStage>> first_of(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return TRY(read_canary(rows.front()));
}

}  // namespace

std::string_view to_string(CanaryEnd end) { return kEnds.at(static_cast<std::size_t>(end)); }

std::optional<CanaryEnd> find_canary_end(std::string_view name) {
  const auto* const found = std::ranges::find(kEnds, name);
  if (found == kEnds.end()) return std::nullopt;
  return static_cast<CanaryEnd>(found - kEnds.begin());
}

Result<void> insert_canary(Work& work, CanaryStage& stage) {
  const Rows rows = TRY(work.query(
      "INSERT INTO policy_canary (tenant, environment, number, serial, draft, content, cause, "
      "limit_count, limit_permille, person, reason, envelope, made_ms, ends_ms, ended, ended_by, "
      "ended_ms) SELECT $1, $2, count(*) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
      "'running', '', 0 FROM policy_canary WHERE tenant = $1 AND environment = $2 RETURNING number",
      stage.place.tenant, stage.place.environment, stage.serial, stage.draft, stage.content,
      to_string(stage.cause), stage.limit.count, static_cast<std::int64_t>(stage.limit.permille),
      stage.person, stage.reason, stage.envelope, stage.made_ms, stage.ends_ms));
  stage.number = static_cast<std::uint64_t>(rows.front().integer(0));
  work.notify(std::string(kActivationChannel));
  return {};
}

Result<std::optional<CanaryStage>> find_running_canary(Work& work, const PolicyPlace& place) {
  static const std::string sql = fmt::format("{} AND ended = 'running'", kCanary);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment));
  return first_of(rows);
}

Result<std::optional<CanaryStage>> find_canary(Work& work, const PolicyPlace& place,
                                               std::uint64_t number) {
  static const std::string sql = fmt::format("{} AND number = $3", kCanary);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, number));
  return first_of(rows);
}

Result<std::vector<CanaryStage>> find_canaries(Work& work, const PolicyPlace& place,
                                               std::uint64_t before, std::size_t most) {
  static const std::string sql =
      fmt::format("{} AND ($3 = 0 OR number < $3) ORDER BY number DESC LIMIT $4", kCanary);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, before, most));
  std::vector<CanaryStage> stages;
  for (const Row row : rows) stages.push_back(TRY(read_canary(row)));
  return stages;
}

Result<std::uint64_t> last_canary_serial(Work& work, const PolicyPlace& place) {
  const Rows rows =
      TRY(work.query("SELECT COALESCE(max(serial), 0) FROM policy_canary WHERE tenant = $1 AND "
                     "environment = $2",
                     place.tenant, place.environment));
  return static_cast<std::uint64_t>(rows.front().integer(0));
}

Result<bool> end_canary(Work& work, const PolicySurroundings& surroundings,
                        const directory::Mandate& mandate, const CanaryStage& stage,
                        CanaryEnd how) {
  const std::uint64_t ended =
      TRY(work.run("UPDATE policy_canary SET ended = $4, ended_by = $5, ended_ms = $6 WHERE "
                   "tenant = $1 AND environment = $2 AND number = $3 AND ended = 'running'",
                   stage.place.tenant, stage.place.environment, stage.number, to_string(how),
                   mandate.actor_id, surroundings.directory.clock()));
  if (ended == 0) return false;
  work.notify(std::string(kActivationChannel));
  const PolicyDraft of{.id = stage.draft, .place = stage.place};
  TRY_VOID(tell_policy_change(work, surroundings, mandate, of,
                              fmt::format("canary_{}", to_string(how)), stage.content,
                              how == CanaryEnd::kInForce ? stage.content : stage.part.beside));
  return true;
}

Result<void> end_running_canary(Work& work, const PolicySurroundings& surroundings,
                                const directory::Mandate& mandate, const PolicyPlace& place,
                                CanaryEnd how) {
  const auto running = TRY(find_running_canary(work, place));
  if (running) TRY(end_canary(work, surroundings, mandate, *running, how));
  return {};
}

Result<void> end_canary_of(Work& work, const PolicySurroundings& surroundings,
                           const directory::Mandate& mandate, const PolicyDraft& draft) {
  const auto running = TRY(find_running_canary(work, draft.place));
  if (!running || running->draft != draft.id) return {};
  TRY(end_canary(work, surroundings, mandate, *running, CanaryEnd::kStopped));
  return {};
}

}  // namespace wardlock::pap
