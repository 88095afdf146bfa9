#include "server/role_request_task.h"

#include <chrono>
#include <cstdint>

namespace wardlock::server {
namespace {

constexpr std::chrono::seconds kInterval{15};

}  // namespace

TurnTask role_request_task(const std::string& tenant, Directory& directory, Log& log) {
  return {.tenant = tenant,
          .name = "role-requests",
          .interval = kInterval,
          .look = [](const directory::Turns::Last&) {},
          .work = [tenant, &directory,
                   &log](const std::function<bool()>& go_on) -> Result<std::string> {
            const std::size_t closed = TRY(directory.role_request_desk->tend(
                own_mandate(tenant, "what the clock does to requests for roles"), go_on));
            if (closed > 0) {
              log.info("role_requests_closed",
                       {{"tenant", tenant}, {"closed", static_cast<std::int64_t>(closed)}});
            }
            return std::string();
          }};
}

}  // namespace wardlock::server
