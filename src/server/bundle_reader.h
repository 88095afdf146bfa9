#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "bundle/verify.h"
#include "codec/json.h"
#include "config/config.h"

namespace wardlock::server {

/// What the policies that are served came in.
struct ServedBundle {
  std::uint64_t serial = 0;
  std::string content;  ///< `sha256:…`
  std::chrono::sys_seconds expires{};
};

/// The time as bundles have it.
std::chrono::sys_seconds bundle_time();

/// Reads the tenant's bundle and verifies it with the keys as they lie there now. Requires
/// `tenant.bundle`. Errors name the file, and nothing of what is in its policies.
Result<bundle::VerifiedBundle> open_bundle(const config::Tenant& tenant,
                                           std::chrono::sys_seconds now);

/// The same in short; nothing where the tenant's policies are no bundle.
Result<std::optional<ServedBundle>> look_into_bundle(const config::Tenant& tenant);

/// `{"serial", "content", "expires"}`.
boost::json::object bundle_json(const ServedBundle& bundle);

/// Whether `next` may take the place of `now`: its serial is higher, or it is the same content
/// under the same serial. Error kAborted: it goes back, or two contents have one serial.
Result<void> check_follows(const ServedBundle& now, const ServedBundle& next);

}  // namespace wardlock::server
