#pragma once

#include <cstdint>
#include <optional>

#include "codec/json.h"
#include "config/config.h"
#include "server/directory.h"
#include "server/metrics.h"
#include "server/recording.h"
#include "server/world.h"

namespace wardlock::server {

struct Readiness {
  bool is_ready = true;
  codec::Json report;  ///< what /readyz says; nothing that a stranger may not know
};

/// `recording` is null where nothing is recorded, `directory` where there is none.
Readiness readiness(const World& world, const config::Config& config, const Recording* recording,
                    const Directory* directory, bool is_draining, std::int64_t now);

/// The metrics of the World: of all tenants, or of one.
void add_world(const World& world, std::optional<std::size_t> tenant, std::int64_t now,
               Exposition& out);

/// How many nodes run what, of all managed tenants, or of one.
void add_policy_nodes(const World& world, const Directory& directory,
                      std::optional<std::size_t> tenant, Exposition& out);

}  // namespace wardlock::server
