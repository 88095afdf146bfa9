#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "pap/drafts.h"
#include "pap/shadow_stages.h"
#include "server/current_world.h"
#include "server/log.h"

namespace wardlock::server {

/// Where one tenant's drafts are tried. Outlives who uses it.
struct TriedDrafts {
  pap::ShadowStages* stages = nullptr;  ///< null: none is
  const pap::Drafts* drafts = nullptr;
};

/// Has this node decide by a draft, too, while it is tried; tells the database what it found, and
/// ends what is over. For one thread.
class ShadowKeeper {
 public:
  struct Parts {
    const config::Config& config;
    std::vector<TriedDrafts> tried;  ///< for each tenant
    CurrentWorld& world;
    Log& log;
    std::string node;
    /// So many questions a second are decided twice at most.
    authn::Quota most{.rate = 200, .burst = 200};
  };
  explicit ShadowKeeper(Parts parts);

  /// Looks at what is tried there, and what this node has found. Faults of the database change
  /// nothing: it is looked again.
  void look(std::size_t tenant, const pap::PolicyPlace& place);

 private:
  Result<void> follow(std::size_t tenant, const pap::PolicyPlace& place);
  Result<std::shared_ptr<const Shadow>> make(std::size_t tenant, const ServedTenant& served,
                                             const pap::ShadowStage& stage);
  Result<bool> report(std::size_t tenant, const Shadow& shadow);
  void publish(std::size_t tenant, std::shared_ptr<const Shadow> shadow);
  void take_away(std::size_t tenant);

  const Parts parts_;
  std::vector<pap::ShadowCount> reported_;
  std::vector<std::uint64_t> unusable_;  ///< number of what could not be used here; 0: none
};

}  // namespace wardlock::server
