#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/wall_clock.h"
#include "bundle/verify.h"
#include "config/config.h"
#include "pap/canary_stages.h"
#include "server/audit_log.h"
#include "server/current_world.h"
#include "server/log.h"

namespace wardlock::server {

/// Where one tenant's canaries are kept. Outlives who uses it.
struct KeptCanaries {
  pap::CanaryStages* stages = nullptr;  ///< null: there are none
  /// Whose signatures count; asked each time, as keys may be revoked meanwhile.
  std::function<Result<bundle::Trust>()> trust = nullptr;
};

/// Has this node decide a part of the questions by a canary, as far as it believes the database:
/// signed by a key that counts, for this tenant, environment and part, in its time, beside just
/// what this node decides by and under a higher serial, and never again once it ended here. What
/// cannot be believed or used decides nothing, and shows: in the log, on record and in `/readyz`,
/// once until it ends. It tells the database what differed, and ends what is over. For one thread
/// at a time.
class CanaryKeeper {
 public:
  struct Parts {
    const config::Config& config;
    std::vector<KeptCanaries> kept;  ///< for each tenant
    CurrentWorld& world;
    Log& log;
    AuditLog* audit = nullptr;  ///< null: nothing is recorded
    std::string node;
    /// So many questions a second are decided twice at most.
    authn::Quota most{.rate = 200, .burst = 200};
    std::function<std::int64_t()> clock = &wall_clock_ms;
  };
  explicit CanaryKeeper(Parts parts);

  /// Looks at what runs there, and what this node has found. Faults of the database change nothing
  /// but that what is over ends here: it is looked again.
  void look(std::size_t tenant, const pap::PolicyPlace& place);

 private:
  struct Standing {
    pap::ShadowCount reported = {};
    bool has_reported = false;
    std::uint64_t over = 0;         ///< serial of the last that ended here
    std::string told = {};          ///< what was refused, and why; empty: nothing is
    std::uint64_t unusable = 0;     ///< number of what could not be used
    std::int64_t pauses_until = 0;  ///< ms since the epoch: before, it is not tried again
  };

  Result<void> follow(std::size_t tenant, const pap::PolicyPlace& place);
  Result<bool> end_if_over(std::size_t tenant, const pap::CanaryStage& stage);
  Result<void> use(std::size_t tenant, const pap::CanaryStage& stage);
  Result<void> check_keys(std::size_t tenant, const ServedCanary& canary) const;
  Result<std::shared_ptr<const ServedCanary>> take_over(std::size_t tenant,
                                                        const ServedTenant& served,
                                                        const pap::CanaryStage& stage);
  Result<bool> report(std::size_t tenant, const ServedCanary& canary);
  void publish(std::size_t tenant, std::shared_ptr<const ServedCanary> canary);
  /// False: there was none.
  bool take_away(std::size_t tenant);
  void take_away_for_ever(std::size_t tenant);
  void note_refusal(std::size_t tenant, const pap::CanaryStage& stage, const Error& why);
  void note_end(std::size_t tenant);

  const Parts parts_;
  std::vector<Standing> standing_;
};

}  // namespace wardlock::server
