#include "directory/registry/journal.h"

#include <array>

#include "directory/identifier/uuid7.h"
#include "directory/registry/tables.h"
#include "event/draft.h"

namespace wardlock::directory {

std::string_view to_string(What what) {
  static constexpr std::array<std::string_view, 5> kNames = {"created", "changed", "removed",
                                                             "related", "ended"};
  return kNames[static_cast<std::size_t>(what)];
}

std::string new_id(std::int64_t time_ms, const Surroundings& surroundings) {
  UuidEntropy entropy;
  surroundings.fill_random(entropy);
  return make_uuid7(time_ms, entropy);
}

Result<void> Journal::take_revision() {
  const storage::Rows rows =
      TRY(work_.query("UPDATE head SET value = value + 1 WHERE name = 'revision' RETURNING value"));
  if (rows.empty()) return fail(ErrorCode::kDataLoss, "the directory has lost its revision");
  revision_ = static_cast<std::uint64_t>(rows.front().integer(0));
  work_.notify(std::string(kChangeChannel));
  return {};
}

Result<void> Journal::add(const Entry& entry, event::Event event) {
  if (revision_ == 0) TRY_VOID(take_revision());
  const std::string id = next_id();
  event.id = id;
  event.time = now_;
  event.record_class = "administration";
  event.tenant = event_tenant(mandate_.tenant);
  event.node = surroundings_.node;
  event.principal_type = mandate_.actor_type;
  event.principal_id = mandate_.actor_id;
  event.caller = mandate_.caller;
  event.source_address = mandate_.source_address;
  event.reason = mandate_.reason;
  event.revision = static_cast<std::int64_t>(revision_);
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  if (is_rehearsal_) return {};
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(draft.data()), draft.size());
  TRY_VOID(work_.run(
      "INSERT INTO outbox (revision, item, event_id, draft, node) VALUES ($1, $2, $3, $4, "
      "$5)",
      revision_, items_, id, bytes, surroundings_.node));
  TRY_VOID(
      work_.run("INSERT INTO change (revision, item, made_ms, tenant, what, kind, id, document) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                revision_, items_, now_, mandate_.tenant, to_string(entry.what), entry.kind,
                entry.id, entry.after));
  ++items_;
  return {};
}

}  // namespace wardlock::directory
