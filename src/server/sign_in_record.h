#pragma once

#include <string_view>

#include "base/error.h"
#include "event/event.h"
#include "net/answer_gate.h"
#include "server/directory.h"

namespace wardlock::server {

/// The class of what is recorded of signing in, for `audit.on_failure`.
inline constexpr std::string_view kAuthenticationClass = "authentication";

/// Gives the log an event of somebody signing in or out; fills in its id, time, node and class.
/// Nothing where nothing is recorded. Thread-safe. Error kUnavailable: it cannot be recorded, and
/// its class says that it must.
Result<net::Tickets> record_sign_in(const Directory& directory, event::Event& event);

}  // namespace wardlock::server
