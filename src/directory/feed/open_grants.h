#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/work.h"

namespace wardlock::directory {

/// What the change feed calls a break-glass grant.
inline constexpr std::string_view kOpenGrantEntry = "glassGrant";

/// The same of a delegation.
inline constexpr std::string_view kOpenDelegationEntry = "delegation";

/// What a delegation has beside what a grant has.
struct OpenDelegation {
  std::string delegator;  ///< the id of the thing with whose right the person acts
  std::string by;         ///< what that is: the name of its kind
  std::string ticket = {};
  bool may_pass_on = false;
  std::string passes_on = {};  ///< the id of the delegation that it passes on; empty: none
};

/// A break-glass grant, or a delegation, that has not ended, as another room keeps it. Times are
/// milliseconds since the epoch.
struct OpenGrant {
  std::string id;
  std::string person;                    ///< the id of the thing that it is, and who acts
  std::string target;                    ///< the same
  std::vector<std::string> actions;      ///< as questions name them
  std::vector<std::string> waives = {};  ///< ids of policies
  std::string reason;                    ///< why, as policies see it; of a delegation its purpose
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;                    ///< exclusive
  std::optional<OpenDelegation> delegation = {};  ///< nothing: it is a break-glass grant
  std::string hidden = {};                        ///< why policies do not see it; empty: they do
};

/// Where a feed reads the grants. Each change of one has an entry in the change feed, of the kind
/// `kOpenGrantEntry` or `kOpenDelegationEntry`, under the same revision. Thread-safe.
class OpenGrants {
 public:
  virtual ~OpenGrants() = default;

  /// In the order of their ids. Errors: those of the store.
  virtual Result<std::vector<OpenGrant>> read_all(storage::Work& work,
                                                  std::string_view tenant) const = 0;
  /// Nothing: it has ended, or there is no such one.
  virtual Result<std::optional<OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                std::string_view id) const = 0;
};

}  // namespace wardlock::directory
