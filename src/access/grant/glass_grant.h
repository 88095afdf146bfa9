#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant/glass_rules.h"
#include "directory/model/kind.h"

namespace wardlock::access {

/// Why a grant is over. Once it is, it stays so.
enum class GlassEnd : std::uint8_t {
  kExpired,  ///< its time was over
  kEnded,    ///< its person needed it no more
  kRevoked,  ///< somebody else ended it
  kLeft,     ///< its person is not at work any more
  kGone,     ///< its patient or device is not there any more
  kClock,    ///< it began in the future, since a clock was set back
  kUnseen,   ///< policies could not make use of it
};
/// Its name in events and rows, e.g. `expired`.
std::string_view to_string(GlassEnd end);
std::optional<GlassEnd> find_glass_end(std::string_view name);

/// A break-glass grant as it is kept, for ever: one person, one patient or device, some actions,
/// for a while. Times are milliseconds since the epoch.
struct GlassGrant {
  std::string id;
  std::string tenant;
  std::string person;  ///< the thing's id in the directory
  std::string target;  ///< the same; where patients were merged, the one who is left
  directory::Kind target_kind = directory::Kind::kPatient;
  std::string reason = {};                ///< the code of the latest
  std::string words = {};                 ///< the latest
  std::vector<std::string> actions = {};  ///< as questions name them
  std::vector<std::string> waives = {};   ///< ids of policies
  std::int64_t opened_ms = 0;
  std::int64_t expires_ms = 0;  ///< exclusive
  bool is_warned = false;       ///< its person was told that this end is near
  std::size_t in_shift = 1;     ///< the how manieth it is of its person's in that time
  bool is_escalated = false;
  std::int64_t review_due_ms = 0;
  GlassProof proof = {};    ///< of when it was opened or renewed last
  std::string caller = {};  ///< the program through which it was asked for
  std::optional<std::int64_t> ended_ms = {};
  std::optional<GlassEnd> end = {};

  /// INVARIANT: what was ended is never open again, whatever the clock says.
  bool is_open_at(std::int64_t time_ms) const { return !ended_ms && time_ms < expires_ms; }
};

/// What happened to a grant.
enum class GlassStep : std::uint8_t {
  kOpen,
  kRenew,
  kWarn,
  kCarryOver,  ///< its patient turned out to be another
  kEnd,        ///< see GlassEnd, which is the step's reason
};
std::string_view to_string(GlassStep step);

/// A step as it is kept.
struct KeptGlassStep {
  std::string step;
  std::string person;      ///< who did it; empty: Wardlock itself
  std::string reason;      ///< a code, or why it ended
  std::string words = {};  ///< theirs
  std::int64_t at_ms = 0;
  std::int64_t until_ms = 0;  ///< when it ends since
};

}  // namespace wardlock::access
