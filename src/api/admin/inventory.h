#pragma once

#include "api/admin/asked.h"

// Much at once: docs/inventory.md.
namespace wardlock::admin {

/// A part of a file, all or nothing; with `dryRun=true` what it would do. What is imported already
/// is the same, so that no key of idempotency is needed.
Answered<void> import_part(const Asked& asked, net::HttpResponse& response);

/// A page of the things of a kind or of a kind of relations, or what is other since a revision.
Answered<void> export_part(const Asked& asked, net::HttpResponse& response);

/// Devices that were made, each by itself.
Answered<void> register_devices(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
