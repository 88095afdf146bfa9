#pragma once

#include <optional>
#include <span>
#include <string>

#include "net/request_rules.h"

namespace wardlock::net {

/// For plain HTTP on loopback: refuses what a web page of another site could make a browser on this
/// machine send. Nothing when the request may be answered.
///
/// A page whose name was rebound to 127.0.0.1 sends its own name in `Host`; a page that sends
/// across origins names itself in `Origin`. So `Host` must be `127.0.0.1`, `[::1]` or `localhost`,
/// or one of `allowed_hosts` (behind a proxy on this machine), with or without a port, and
/// `Origin`, if there is one, `http://` and that `Host`.
std::optional<Refusal> refuse_foreign_site(const HttpRequest& request,
                                           std::span<const std::string> allowed_hosts = {});

/// The first half of it: `Host` alone. For what a reverse proxy asks in a browser's name, with the
/// browser's `Origin`.
std::optional<Refusal> refuse_foreign_host(const HttpRequest& request,
                                           std::span<const std::string> allowed_hosts = {});

/// Whether `Host` is one of the names, in any case, with or without a port.
bool is_host_among(const HttpRequest& request, std::span<const std::string> names);

}  // namespace wardlock::net
