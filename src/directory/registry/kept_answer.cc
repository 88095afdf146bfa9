#include "directory/registry/kept_answer.h"

namespace wardlock::directory {

Result<std::optional<KeptAnswer>> find_answer(storage::Work& work, const Mandate& mandate,
                                              std::string_view key, std::int64_t now) {
  const storage::Rows rows = TRY(work.query(
      "SELECT fingerprint, answer, thing FROM kept_answer WHERE tenant = $1 AND "
      "asker_type = $2 AND asker_id = $3 AND key = $4 AND made_ms > $5",
      mandate.tenant, mandate.actor_type, mandate.actor_id, key, now - kAnswersAreKeptMs));
  if (rows.empty()) return std::nullopt;
  const storage::Row row = rows.front();
  return KeptAnswer{.key = std::string(key),
                    .fingerprint = std::string(row.text(0)),
                    .answer = std::string(row.text(1)),
                    .thing = std::string(row.text(2))};
}

Result<void> insert_answer(storage::Work& work, const Mandate& mandate, const KeptAnswer& answer,
                           std::int64_t now) {
  TRY_VOID(work.run("DELETE FROM kept_answer WHERE made_ms <= $1", now - kAnswersAreKeptMs));
  TRY_VOID(
      work.run("INSERT INTO kept_answer (tenant, asker_type, asker_id, key, fingerprint, answer, "
               "thing, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               mandate.tenant, mandate.actor_type, mandate.actor_id, answer.key, answer.fingerprint,
               answer.answer, answer.thing, now));
  return {};
}

Result<void> drop_answers(storage::Work& work, std::string_view tenant, std::string_view thing) {
  TRY_VOID(work.run("DELETE FROM kept_answer WHERE tenant = $1 AND thing = $2", tenant, thing));
  return {};
}

}  // namespace wardlock::directory
