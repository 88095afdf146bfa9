#include "pap/activation_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pap/tables.h"

namespace wardlock::pap {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::array<std::string_view, 6> kCauses = {"approved", "single_handed", "emergency",
                                                     "rollback", "renewal",       "initial"};

constexpr std::string_view kActivation =
    "SELECT tenant, environment, serial, content, draft, cause, person, reason, envelope, made_ms, "
    "starts_ms, expires_ms, approve_by_ms FROM policy_activation WHERE tenant = $1 AND "
    "environment = $2";

Result<Activation> read_activation(Row row) {
  const auto cause = find_activation_cause(row.text(5));
  if (!cause) return fail(ErrorCode::kDataLoss, "an activation's cause cannot be read");
  Activation read{
      .place = {.tenant = std::string(row.text(0)), .environment = std::string(row.text(1))},
      .serial = static_cast<std::uint64_t>(row.integer(2)),
      .content = std::string(row.text(3)),
      .draft = std::string(row.text(4)),
      .cause = *cause,
      .person = std::string(row.text(6)),
      .reason = std::string(row.text(7)),
      .envelope = std::string(row.text(8)),
      .made_ms = row.integer(9),
      .starts_ms = row.integer(10),
      .expires_ms = row.integer(11)};
  if (!row.is_null(12)) read.approve_by_ms = row.integer(12);
  return read;
}

Result<std::optional<Activation>> first_of(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return TRY(read_activation(rows.front()));
}

}  // namespace

std::string_view to_string(ActivationCause cause) {
  return kCauses.at(static_cast<std::size_t>(cause));
}

std::optional<ActivationCause> find_activation_cause(std::string_view name) {
  const auto* const found = std::ranges::find(kCauses, name);
  if (found == kCauses.end()) return std::nullopt;
  return static_cast<ActivationCause>(found - kCauses.begin());
}

Result<std::int64_t> time_at(Work& work, const PolicyPlace& place, std::int64_t clock_ms) {
  const auto last = TRY(find_last(work, place));
  return last ? std::max(clock_ms, last->made_ms) : clock_ms;
}

Result<void> insert_activation(Work& work, const Activation& activation) {
  TRY(
      work.run("INSERT INTO policy_activation (tenant, environment, serial, content, draft, cause, "
               "person, reason, envelope, made_ms, starts_ms, expires_ms, approve_by_ms) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
               activation.place.tenant, activation.place.environment, activation.serial,
               activation.content, activation.draft, to_string(activation.cause), activation.person,
               activation.reason, activation.envelope, activation.made_ms, activation.starts_ms,
               activation.expires_ms, activation.approve_by_ms));
  work.notify(std::string(kActivationChannel));
  return {};
}

Result<std::optional<Activation>> find_in_force(Work& work, const PolicyPlace& place,
                                                std::int64_t now_ms) {
  static const std::string sql =
      fmt::format("{} AND starts_ms <= $3 ORDER BY serial DESC LIMIT 1", kActivation);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, now_ms));
  return first_of(rows);
}

Result<std::optional<Activation>> find_last(Work& work, const PolicyPlace& place) {
  static const std::string sql = fmt::format("{} ORDER BY serial DESC LIMIT 1", kActivation);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment));
  return first_of(rows);
}

Result<std::optional<Activation>> find_activation(Work& work, const PolicyPlace& place,
                                                  std::uint64_t serial) {
  static const std::string sql = fmt::format("{} AND serial = $3", kActivation);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, serial));
  return first_of(rows);
}

Result<std::vector<Activation>> find_activations(Work& work, const PolicyPlace& place,
                                                 std::uint64_t before, std::size_t most) {
  static const std::string sql =
      fmt::format("{} AND ($3 = 0 OR serial < $3) ORDER BY serial DESC LIMIT $4", kActivation);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, before, most));
  std::vector<Activation> activations;
  for (const Row row : rows) activations.push_back(TRY(read_activation(row)));
  return activations;
}

}  // namespace wardlock::pap
