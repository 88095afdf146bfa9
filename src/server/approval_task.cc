#include "server/approval_task.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace wardlock::server {
namespace {

constexpr std::chrono::minutes kInterval{1};

void look(PolicyDesk& desk, Log& log) {
  const auto overdue = desk.look_for_overdue();
  if (!overdue) {
    log.warning("policies_not_looked_at",
                {{"tenant", desk.tenant()}, {"reason", overdue.error().message}});
  } else if (*overdue) {
    log.error("policies_not_approved",
              {{"tenant", desk.tenant()},
               {"reason", "they came into force in an emergency, and should have been approved"}});
  }
}

}  // namespace

TurnTask approval_task(PolicyDesk& desk, Directory& directory, Log& log) {
  const auto note = [&desk, &directory](const std::function<bool()>&) -> Result<std::string> {
    if (!directory.can_record()) {
      return fail(ErrorCode::kUnavailable, "the audit log can't be written");
    }
    const auto active = TRY(desk.activations().in_force(desk.place()));
    if (!active) return std::string();
    TRY(desk.activations().note_overdue(
        own_mandate(desk.tenant(), "nobody has approved an emergency change in time"), *active));
    return std::string();
  };
  return {.tenant = desk.tenant(),
          .name = "approvals",
          .interval = kInterval,
          .look = [&desk, &log](const directory::Turns::Last&) { look(desk, log); },
          .work = note};
}

Result<void> warn_of_few_approvers(const Directory& directory, Log& log) {
  for (const auto& desk : directory.policy_desks) {
    const std::size_t approvers = TRY(desk->count_approvers());
    if (approvers > 1) continue;
    log.warning("policies_single_handed",
                {{"tenant", desk->tenant()},
                 {"approvers", static_cast<std::int64_t>(approvers)},
                 {"reason",
                  "changes of policies come into force without a second person, and say "
                  "so; give two people the role PolicyApprover"}});
  }
  return {};
}

}  // namespace wardlock::server
