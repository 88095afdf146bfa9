#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/wall_clock.h"
#include "config/config.h"
#include "server/current_world.h"
#include "server/directory_view.h"
#include "server/log.h"

namespace wardlock::server {

/// What decisions catch up with; all of it outlives them.
struct CatchUpParts {
  const config::Config& config;
  Views views;
  CurrentWorld& world;
  Log& log;
  std::function<void()> published = nullptr;  ///< called after each change that others see
  std::function<std::int64_t()> clock = &wall_clock_ms;
};

/// Has decisions see what changed in the directory, and by the clock. For one thread.
///
/// INVARIANT: that decisions follow up to a revision is noted (DirectoryView::note_served), and so
/// told to whoever waits for it, once all that begin from then on do.
class DirectoryCatchUp {
 public:
  explicit DirectoryCatchUp(CatchUpParts parts);

  /// What cannot be followed is told in the log, once, and decided by as it was known.
  void follow_all();

 private:
  void follow(std::size_t tenant);
  void tell_hidden(std::size_t tenant);
  Result<void> publish(std::size_t tenant, const cedar::EntityStore* entities,
                       std::uint64_t revision, const pdp::Sources& sources);

  const CatchUpParts parts_;
  std::vector<bool> is_behind_;      ///< that was told
  std::vector<std::size_t> hidden_;  ///< how many were told of
};

}  // namespace wardlock::server
