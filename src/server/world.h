#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authn/caller_registry.h"
#include "base/published.h"
#include "config/config.h"
#include "pdp/snapshot.h"
#include "server/bundle_reader.h"
#include "server/canary.h"
#include "server/directory_view.h"
#include "server/shadow.h"

namespace wardlock::server {

/// A tenant as it is served.
struct ServedTenant {
  std::string name;
  std::string base_path;  ///< empty, or `/name`
  std::shared_ptr<const pdp::Snapshot> snapshot;
  std::int64_t loaded_at = 0;               ///< ms since the epoch
  std::optional<ServedBundle> bundle = {};  ///< what the policies came in
  std::string stale = {};  ///< why its files cannot be used as they are; empty: they are in use
  std::int64_t stale_since = 0;  ///< ms since the epoch
  /// Of a managed tenant: what its snapshot was made from. Null: files alone say what it is.
  std::shared_ptr<const pdp::Sources> sources = {};
  std::string refused = {};  ///< why what is in force is not decided by here; empty: it is
  std::shared_ptr<const Shadow> shadow = {};  ///< null: no draft is tried beside what is in force
  std::int64_t refused_since = 0;             ///< ms since the epoch
  std::shared_ptr<const ServedCanary> canary = {};  ///< null: what is in force decides all
  /// Why the canary that runs there decides nothing here; empty: it does, or none runs.
  std::string canary_refused = {};
  const DirectoryView* directory = nullptr;  ///< null: there is none
  std::uint64_t directory_revision = 0;      ///< up to which the snapshot has its changes

  /// Null: there is none.
  const pdp::Canary* canary_policies() const {
    return canary == nullptr ? nullptr : canary->policies.get();
  }
  /// By what that question is decided.
  const pdp::Snapshot& deciding(const pdp::AccessRequest& request, Arena& arena) const {
    return pdp::deciding(*snapshot, canary_policies(), request, arena);
  }
};

/// Everything that requests are answered from, and that changes while the server runs. Immutable: a
/// change makes another one. One request sees one World.
struct World {
  std::vector<ServedTenant> tenants;
  std::shared_ptr<const authn::CallerRegistry> callers;
  std::string stale_configuration = {};  ///< why the last reload of the configuration was refused
};

using PublishedWorld = Published<World>;

/// Builds a tenant's snapshot, or says all that is wrong with what it is made of. `revision` is
/// what replies will cite. What has not changed is shared with `before`, if it is not null. With
/// `change` the directory's entities are in it, too, and the change is ready to be kept.
Result<std::shared_ptr<const pdp::Snapshot>> build_served(const config::Config& config,
                                                          pdp::Sources sources,
                                                          std::uint64_t revision,
                                                          const pdp::Snapshot* before = nullptr,
                                                          DirectoryView::Change* change = nullptr);

/// The snapshot with other entities, of the directory's, and the next revision. `sources` are those
/// of its policies and schema, which are read anew where the entities ask for it.
Result<std::shared_ptr<const pdp::Snapshot>> with_entities(const config::Config& config,
                                                           const pdp::Sources& sources,
                                                           const cedar::EntityStore& entities,
                                                           const pdp::Snapshot& before);

/// A snapshot of these policies over those entities, whatever theirs say.
Result<std::shared_ptr<const pdp::Snapshot>> build_over(const config::Config& config,
                                                        const pdp::Sources& sources,
                                                        const cedar::EntityStore& entities,
                                                        std::uint64_t revision);

}  // namespace wardlock::server
