#include "directory/registry/credential_rows.h"

#include <fmt/format.h>

#include <array>

#include "codec/json.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

constexpr std::array<std::string_view, 2> kForms = {"token", "certificate"};

constexpr std::string_view kColumns =
    "id, tenant, thing, form, hash, label, issued_ms, expires_ms, revoked_ms, last_used_ms, "
    "issued_by_type, issued_by_id, reason";

Result<Credential> read_row(storage::Row row) {
  const auto form = find_credential_form(row.text(3));
  if (!form) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a credential of the directory is a `{}`, which this version does not "
                            "know",
                            row.text(3)));
  }
  Credential read{.id = std::string(row.text(0)),
                  .tenant = std::string(row.text(1)),
                  .thing = std::string(row.text(2)),
                  .form = *form,
                  .hash = std::string(row.text(4)),
                  .label = std::string(row.text(5)),
                  .issued_ms = row.integer(6),
                  .expires_ms = row.integer(7),
                  .revoked_ms = {},
                  .last_used_ms = {},
                  .issued_by_type = std::string(row.text(10)),
                  .issued_by_id = std::string(row.text(11)),
                  .reason = std::string(row.text(12))};
  if (!row.is_null(8)) read.revoked_ms = row.integer(8);
  if (!row.is_null(9)) read.last_used_ms = row.integer(9);
  return read;
}

Result<std::vector<Credential>> read_rows(const storage::Rows& rows) {
  std::vector<Credential> found;
  found.reserve(rows.size());
  for (const storage::Row row : rows) found.push_back(TRY(read_row(row)));
  return found;
}

}  // namespace

std::string_view to_string(CredentialForm form) {
  return kForms.at(static_cast<std::size_t>(form));
}

std::optional<CredentialForm> find_credential_form(std::string_view name) {
  for (std::size_t i = 0; i < kForms.size(); ++i) {
    if (kForms.at(i) == name) return static_cast<CredentialForm>(i);
  }
  return std::nullopt;
}

Result<std::optional<Credential>> find_credential_row(storage::Work& work, std::string_view tenant,
                                                      std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM credential WHERE id = $1 AND (tenant = $2 OR $2 = '')", kColumns);
  const storage::Rows rows = TRY(work.query(sql, id, tenant));
  if (rows.empty()) return std::nullopt;
  return TRY(read_row(rows.front()));
}

Result<std::vector<Credential>> find_credentials(storage::Work& work, std::string_view tenant,
                                                 std::string_view thing) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM credential WHERE thing = $1 AND tenant = $2 ORDER BY id", kColumns);
  return read_rows(TRY(work.query(sql, thing, tenant)));
}

Result<std::vector<Credential>> find_good_credentials(storage::Work& work, std::int64_t time_ms) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM credential WHERE revoked_ms IS NULL AND expires_ms > $1 ORDER BY id",
      kColumns);
  return read_rows(TRY(work.query(sql, time_ms)));
}

Result<std::vector<Credential>> find_credentials_issued_by(storage::Work& work,
                                                           const Mandate& whose,
                                                           std::int64_t since_ms, std::int64_t now,
                                                           std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM credential WHERE tenant = $1 AND issued_by_type = $2 AND issued_by_id = $3 "
      "AND issued_ms >= $4 AND revoked_ms IS NULL AND expires_ms > $5 ORDER BY id "
      "LIMIT CAST($6 AS BIGINT)",
      kColumns);
  return read_rows(
      TRY(work.query(sql, whose.tenant, whose.actor_type, whose.actor_id, since_ms, now, most)));
}

Result<std::vector<Credential>> find_changed_credentials(storage::Work& work,
                                                         std::uint64_t revision) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM credential WHERE id IN (SELECT id FROM change WHERE revision > $1 AND kind = "
      "'credential') ORDER BY id",
      kColumns);
  return read_rows(TRY(work.query(sql, revision)));
}

Result<void> insert_credential(storage::Work& work, const Credential& credential) {
  const std::uint64_t inserted = TRY(work.run(
      "INSERT INTO credential (id, tenant, thing, form, hash, label, issued_ms, expires_ms, "
      "issued_by_type, issued_by_id, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
      "ON CONFLICT (hash) DO NOTHING",
      credential.id, credential.tenant, credential.thing, to_string(credential.form),
      credential.hash, credential.label, credential.issued_ms, credential.expires_ms,
      credential.issued_by_type, credential.issued_by_id, credential.reason));
  if (inserted == 1) return {};
  return fail(ErrorCode::kAlreadyExists,
              "this credential was issued before, and is never issued again; make another");
}

Result<void> set_revoked(storage::Work& work, std::string_view id, std::int64_t time_ms) {
  TRY_VOID(work.run("UPDATE credential SET revoked_ms = $2 WHERE id = $1", id, time_ms));
  return {};
}

Result<void> set_expires(storage::Work& work, std::string_view id, std::int64_t time_ms) {
  TRY_VOID(work.run("UPDATE credential SET expires_ms = $2 WHERE id = $1", id, time_ms));
  return {};
}

Result<void> set_last_used(storage::Work& work, std::string_view id, std::int64_t time_ms) {
  TRY_VOID(
      work.run("UPDATE credential SET last_used_ms = $2 WHERE id = $1 AND (last_used_ms IS NULL OR "
               "last_used_ms < $2)",
               id, time_ms));
  return {};
}

std::string to_feed_text(const Credential& credential) {
  boost::json::object out{{"expires", to_time_text(credential.expires_ms)},
                          {"form", to_string(credential.form)}};
  if (!credential.label.empty()) out["label"] = credential.label;
  if (credential.revoked_ms) out["revoked"] = to_time_text(*credential.revoked_ms);
  out["thing"] = credential.thing;
  return codec::to_json_text(out);
}

}  // namespace wardlock::directory
