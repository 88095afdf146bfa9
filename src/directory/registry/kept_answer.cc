#include "directory/registry/kept_answer.h"

#include "crypto/sha256.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kPurpose = "answer";

/// Under which an answer's secret is kept: keys are of any length, and askers' own.
std::string name_of(std::string_view asker_type, std::string_view asker_id, std::string_view key) {
  crypto::Sha256 hash;
  for (const std::string_view part : {asker_type, asker_id, key}) {
    hash.update(std::to_string(part.size()) + ":");
    hash.update(part);
  }
  return crypto::to_hex(hash.finish());
}

}  // namespace

Result<std::optional<KeptAnswer>> find_answer(storage::Work& work, const Mandate& mandate,
                                              std::string_view key, std::int64_t now,
                                              const secrets::SecretTable* secrets) {
  const storage::Rows rows = TRY(work.query(
      "SELECT fingerprint, answer, thing FROM kept_answer WHERE tenant = $1 AND "
      "asker_type = $2 AND asker_id = $3 AND key = $4 AND made_ms > $5",
      mandate.tenant, mandate.actor_type, mandate.actor_id, key, now - kAnswersAreKeptMs));
  if (rows.empty()) return std::nullopt;
  const storage::Row row = rows.front();
  KeptAnswer answer{.key = std::string(key),
                    .fingerprint = std::string(row.text(0)),
                    .answer = std::string(row.text(1)),
                    .thing = std::string(row.text(2))};
  if (secrets == nullptr) return answer;
  const std::string name = name_of(mandate.actor_type, mandate.actor_id, key);
  const auto secret = TRY(secrets->find(work, {mandate.tenant, kPurpose, name}, now));
  answer.secret = secret.value_or("");
  return answer;
}

Result<void> insert_answer(storage::Work& work, const Mandate& mandate, const KeptAnswer& answer,
                           std::int64_t now, secrets::SecretTable* secrets) {
  TRY_VOID(work.run("DELETE FROM kept_answer WHERE made_ms <= $1", now - kAnswersAreKeptMs));
  TRY_VOID(
      work.run("INSERT INTO kept_answer (tenant, asker_type, asker_id, key, fingerprint, answer, "
               "thing, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               mandate.tenant, mandate.actor_type, mandate.actor_id, answer.key, answer.fingerprint,
               answer.answer, answer.thing, now));
  if (secrets == nullptr) return {};
  TRY_VOID(secrets->erase_expired(work, now));
  if (answer.secret.empty()) return {};
  const std::string name = name_of(mandate.actor_type, mandate.actor_id, answer.key);
  return secrets->put(work, {mandate.tenant, kPurpose, name}, answer.secret,
                      now + kAnswersAreKeptMs);
}

Result<void> drop_secrets(storage::Work& work, std::string_view tenant, std::string_view thing,
                          secrets::SecretTable* secrets) {
  if (secrets == nullptr) return {};
  const storage::Rows rows = TRY(
      work.query("SELECT asker_type, asker_id, key FROM kept_answer WHERE tenant = $1 AND thing "
                 "= $2",
                 tenant, thing));
  for (const storage::Row row : rows) {
    const std::string name = name_of(row.text(0), row.text(1), row.text(2));
    TRY_VOID(secrets->erase(work, {tenant, kPurpose, name}));
  }
  return {};
}

Result<void> drop_answers(storage::Work& work, std::string_view tenant, std::string_view thing,
                          secrets::SecretTable* secrets) {
  TRY_VOID(drop_secrets(work, tenant, thing, secrets));
  TRY_VOID(work.run("DELETE FROM kept_answer WHERE tenant = $1 AND thing = $2", tenant, thing));
  return {};
}

}  // namespace wardlock::directory
