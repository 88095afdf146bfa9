#pragma once

#include <optional>

#include "net/request_rules.h"

namespace wardlock::net {

/// For plain HTTP on loopback: refuses what a web page of another site could make a browser on this
/// machine send. Nothing when the request may be answered.
///
/// A page whose name was rebound to 127.0.0.1 sends its own name in `Host`; a page that sends
/// across origins names itself in `Origin`. So `Host` must be `127.0.0.1`, `[::1]` or `localhost`,
/// with or without a port, and `Origin`, if there is one, `http://` and that `Host`.
std::optional<Refusal> refuse_foreign_site(const HttpRequest& request);

}  // namespace wardlock::net
