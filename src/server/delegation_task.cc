#include "server/delegation_task.h"

#include <chrono>
#include <cstdint>

namespace wardlock::server {
namespace {

constexpr std::chrono::seconds kInterval{15};

}  // namespace

TurnTask delegation_task(const std::string& tenant, Directory& directory, Log& log) {
  return {.tenant = tenant,
          .name = "delegations",
          .interval = kInterval,
          .look = [](const directory::Turns::Last&) {},
          .work = [tenant, &directory,
                   &log](const std::function<bool()>& go_on) -> Result<std::string> {
            const std::size_t ended = TRY(directory.delegation_desk->tend(
                own_mandate(tenant, "what the clock does to delegations"), go_on));
            const std::size_t carried = TRY(directory.consent_desk->tend(
                own_mandate(tenant, "patients who were merged"), go_on));
            if (carried > 0) {
              log.info("consents_carried_over",
                       {{"tenant", tenant}, {"carried", static_cast<std::int64_t>(carried)}});
            }
            if (ended > 0) {
              log.info("delegations_ended",
                       {{"tenant", tenant}, {"ended", static_cast<std::int64_t>(ended)}});
            }
            return std::string();
          }};
}

}  // namespace wardlock::server
