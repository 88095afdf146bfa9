#include "server/glass_task.h"

#include <chrono>
#include <cstdint>

namespace wardlock::server {
namespace {

constexpr std::chrono::seconds kInterval{15};

std::int64_t signed_count(std::size_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

TurnTask glass_task(const std::string& tenant, Directory& directory, Log& log) {
  return {.tenant = tenant,
          .name = "break-glass",
          .interval = kInterval,
          .look = [](const directory::Turns::Last&) {},
          .work = [tenant, &directory,
                   &log](const std::function<bool()>& go_on) -> Result<std::string> {
            const access::GlassTending done = TRY(directory.glass_desk->tend(
                own_mandate(tenant, "what the clock does to break-glass grants"), go_on));
            // What keeps people from being told keeps nothing else.
            const auto told = directory.glass_desk->tell_opened(tenant, go_on);
            if (!told && told.error().code != ErrorCode::kCancelled) {
              log.error("glass_untold", {{"tenant", tenant}, {"reason", told.error().message}});
            }
            const access::ReviewTending reviews = TRY(directory.review_desk->tend(
                own_mandate(tenant, "reviews of break-glass grants"), go_on));
            if (reviews.late > 0) {
              log.warning("glass_reviews_late",
                          {{"tenant", tenant}, {"reviews", signed_count(reviews.late)}});
            }
            if (done.ended + done.warned + done.carried_over > 0) {
              log.info("glass_tended", {{"tenant", tenant},
                                        {"ended", signed_count(done.ended)},
                                        {"warned", signed_count(done.warned)},
                                        {"carried_over", signed_count(done.carried_over)}});
            }
            return std::string();
          }};
}

}  // namespace wardlock::server
