#include "authn/oauth/client_event.h"

#include "authn/oauth/client_rows.h"
#include "codec/json.h"

namespace wardlock::oauth {

std::string told(const Client& client) {
  return codec::to_json_text(codec::Json(describe(client)));
}

event::Event client_event(std::string_view id, std::string_view action, std::string_view before,
                          std::string_view after) {
  return {.kind = event::Kind::kConfigurationChange,
          .action = action,
          .resource_type = "OAuthClient",
          .resource_id = id,
          .value_before = before,
          .value_after = after};
}

}  // namespace wardlock::oauth
