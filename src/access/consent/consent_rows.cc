#include "access/consent/consent_rows.h"

#include <fmt/format.h>

#include <string>

#include "directory/registry/tables.h"

namespace wardlock::access {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "c.id, c.tenant, v.version, c.patient, v.status, v.document, v.made_by, v.made_through, "
    "v.made_ms";
/// Each with its latest version.
constexpr std::string_view kLatest =
    "consent c JOIN consent_version v ON v.tenant = c.tenant AND v.id = c.id AND v.version = "
    "c.version";

KeptConsent read_consent_row(Row row) {
  return {.id = std::string(row.text(0)),
          .tenant = std::string(row.text(1)),
          .version = row.integer(2),
          .patient = std::string(row.text(3)),
          .status = std::string(row.text(4)),
          .document = std::string(row.text(5)),
          .made_by = std::string(row.text(6)),
          .made_through = std::string(row.text(7)),
          .made_ms = row.integer(8)};
}

std::vector<KeptConsent> read_consent_rows(const Rows& rows) {
  std::vector<KeptConsent> consents;
  for (const Row row : rows) consents.push_back(read_consent_row(row));
  return consents;
}

std::optional<KeptConsent> read_first(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_consent_row(rows.front());
}

Result<void> insert_version(Work& work, const KeptConsent& consent) {
  TRY_VOID(work.run(
      "INSERT INTO consent_version (tenant, id, version, patient, status, document, made_by, "
      "made_through, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      consent.tenant, consent.id, consent.version, consent.patient, consent.status,
      consent.document, consent.made_by, consent.made_through, consent.made_ms));
  return {};
}

}  // namespace

Result<void> insert_consent(Work& work, const KeptConsent& consent) {
  TRY_VOID(work.run(
      "INSERT INTO consent (tenant, id, patient, version, status) VALUES ($1, $2, $3, $4, $5)",
      consent.tenant, consent.id, consent.patient, consent.version, consent.status));
  return insert_version(work, consent);
}

Result<void> replace_consent(Work& work, const KeptConsent& consent) {
  const std::uint64_t changed = TRY(work.run(
      "UPDATE consent SET patient = $3, version = CAST($4 AS BIGINT), status = $5 WHERE tenant = "
      "$1 AND id = $2 AND version = CAST($4 AS BIGINT) - 1",
      consent.tenant, consent.id, consent.patient, consent.version, consent.status));
  if (changed != 1) return fail(ErrorCode::kAborted, "the consent was changed meanwhile");
  return insert_version(work, consent);
}

Result<std::optional<KeptConsent>> find_consent(Work& work, std::string_view tenant,
                                                std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM {} WHERE c.tenant = $1 AND c.id = $2", kColumns, kLatest);
  return read_first(TRY(work.query(sql, tenant, id)));
}

Result<std::optional<KeptConsent>> find_consent_version(Work& work, std::string_view tenant,
                                                        std::string_view id, std::int64_t version) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM consent c JOIN consent_version v ON v.tenant = c.tenant AND v.id = c.id "
      "WHERE c.tenant = $1 AND c.id = $2 AND v.version = CAST($3 AS BIGINT)",
      kColumns);
  return read_first(TRY(work.query(sql, tenant, id, version)));
}

Result<std::vector<KeptConsent>> find_consent_versions(Work& work, std::string_view tenant,
                                                       std::string_view id, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM consent c JOIN consent_version v ON v.tenant = c.tenant AND v.id = c.id "
      "WHERE c.tenant = $1 AND c.id = $2 ORDER BY v.version DESC LIMIT CAST($3 AS BIGINT)",
      kColumns);
  return read_consent_rows(TRY(work.query(sql, tenant, id, most)));
}

Result<std::vector<KeptConsent>> find_consents_of(Work& work, std::string_view tenant,
                                                  std::string_view patient, std::string_view status,
                                                  std::string_view before, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM {} WHERE c.tenant = $1 AND c.patient = $2 AND ($3 = '' OR c.status = $3) AND "
      "($4 = '' OR c.id < $4) ORDER BY c.id DESC LIMIT CAST($5 AS BIGINT)",
      kColumns, kLatest);
  return read_consent_rows(TRY(work.query(sql, tenant, patient, status, before, most)));
}

Result<std::size_t> count_active_consents(Work& work, std::string_view tenant,
                                          std::string_view patient) {
  const Rows rows = TRY(work.query(
      "SELECT count(*) FROM consent WHERE tenant = $1 AND patient = $2 AND status = 'active'",
      tenant, patient));
  return static_cast<std::size_t>(rows.front().integer(0));
}

Result<std::vector<KeptConsent>> find_active_consents(Work& work, std::string_view tenant,
                                                      std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM {} WHERE c.tenant = $1 AND c.status = 'active' AND c.id > $2 ORDER BY c.id "
      "LIMIT CAST($3 AS BIGINT)",
      kColumns, kLatest);
  return read_consent_rows(TRY(work.query(sql, tenant, after, most)));
}

Result<std::vector<KeptConsent>> find_merged_consents(Work& work, std::string_view tenant,
                                                      std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM {} JOIN thing t ON t.tenant = c.tenant AND t.id = c.patient WHERE c.tenant = "
      "$1 AND t.state = '{}' AND c.id > $2 ORDER BY c.id LIMIT CAST($3 AS BIGINT)",
      kColumns, kLatest, directory::kMerged);
  return read_consent_rows(TRY(work.query(sql, tenant, after, most)));
}

}  // namespace wardlock::access
