#pragma once

#include <string>
#include <string_view>

#include "authn/oauth/client.h"
#include "event/event.h"

namespace wardlock::oauth {

/// The client as events tell it: `describe` of it, as text; no secret.
std::string told(const Client& client);

/// That a client was entered, changed or removed: as it was and as it is. Borrows all of it.
event::Event client_event(std::string_view id, std::string_view action, std::string_view before,
                          std::string_view after);

}  // namespace wardlock::oauth
