#include "server/sign_in_record.h"

#include <string>

#include "base/wall_clock.h"
#include "crypto/random.h"
#include "event/draft.h"

namespace wardlock::server {

Result<net::Tickets> record_sign_in(const Directory& directory, event::Event& event) {
  if (directory.decisions == nullptr) return net::Tickets();
  const crypto::UuidText id = crypto::random_uuid();
  event.id = {id.data(), id.size()};
  event.time = wall_clock_ms();
  event.node = directory.node;
  event.record_class = kAuthenticationClass;
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  const std::string payer(event.source_address.empty() ? event.principal_id : event.source_address);
  const auto recorded =
      directory.decisions->record_draft(draft, event.tenant, kAuthenticationClass, payer);
  event.id = {};
  if (!recorded) return fail(ErrorCode::kUnavailable, recorded.error().message);
  return *recorded;
}

}  // namespace wardlock::server
