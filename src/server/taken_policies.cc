#include "server/taken_policies.h"

#include <utility>

#include "event/event.h"

namespace wardlock::server {

Result<std::shared_ptr<const pdp::Snapshot>> following(
    std::shared_ptr<const pdp::Snapshot> snapshot, const ServedTenant& in_use,
    const pdp::TypeMapping& types) {
  if (snapshot->revision > in_use.snapshot->revision) return snapshot;
  return pdp::make_snapshot(snapshot->rulebook, snapshot->entities, types,
                            in_use.snapshot->revision + 1);
}

Result<void> record_policies(AuditLog* audit, const ServedTenant& before,
                             const pdp::Snapshot& after) {
  if (audit == nullptr) return {};
  const bool is_policy = before.snapshot->policy_set() != after.policy_set();
  event::Event event{
      .kind = is_policy ? event::Kind::kPolicyChange : event::Kind::kConfigurationChange,
      .record_class = "administration",
      .tenant = before.name,
      .policy_set = after.policy_set(),
      .revision = static_cast<std::int64_t>(after.revision),
      .changed = is_policy ? "policies" : "entities"};
  if (is_policy) {
    event.value_before = before.snapshot->policy_set();
    event.value_after = after.policy_set();
  }
  return audit->record_now(event);
}

}  // namespace wardlock::server
