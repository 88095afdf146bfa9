#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "directory/feed/feed.h"
#include "directory/registry/registry.h"

namespace wardlock::administration {

/// Whether the decisions of this node see a break-glass grant, or another right that somebody has
/// for a while. For one tenant and request, on one thread that may wait.
class GlassView {
 public:
  virtual ~GlassView() = default;

  /// Waits until decisions follow the directory up to that revision. Nothing: what they see of the
  /// grant is as of then or later, and it opens something. Else why it opens nothing. Error
  /// kUnavailable: they do not follow it in time.
  virtual Result<std::optional<std::string>> await(std::string_view grant,
                                                   std::uint64_t revision) = 0;

  /// What the policies that decide say of an action. Errors: kInvalidArgument, they have no such
  /// one; kUnavailable, nothing was read yet.
  virtual Result<directory::SeenAction> action(std::string_view /*name*/) {
    return fail(ErrorCode::kInvalidArgument, "the policies have no such action");
  }
};

/// Waits until decisions of this node see what was opened, or that it has ended. `view` null:
/// nobody decides by the directory here. What was opened and opens nothing is taken back by
/// `withdraw`, which is empty of what has ended; error kFailedPrecondition, `in_vain` and why.
Result<void> await_sight(GlassView* view, std::string_view id, std::uint64_t revision,
                         const std::function<Result<void>()>& withdraw, std::string_view in_vain);

/// For who is refused a change of it. That something is over (kFailedPrecondition) they are told
/// once decisions of this node see that, too: as whoever ended it is told. Returns `error`, or that
/// decisions do not follow in time.
Error refusal_in_sight(GlassView* view, const directory::Registry& registry, std::string_view id,
                       Error error);

/// The same, of a change that was made or refused.
template <typename Changed>
Result<Changed> made_in_sight(GlassView* view, const directory::Registry& registry,
                              std::string_view id, Result<Changed> changed) {
  if (changed) return changed;
  return std::unexpected(refusal_in_sight(view, registry, id, std::move(changed).error()));
}

}  // namespace wardlock::administration
