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

/// The same of a patient's consent.
inline constexpr std::string_view kOpenConsentEntry = "consent";

/// The same of an approval of one action on one thing.
inline constexpr std::string_view kOpenApprovalEntry = "approval";

/// Among the actors of a provision, the patient's own care team. No thing has it for an id.
inline constexpr std::string_view kOwnCareTeam = "CareTeam/own";

/// A provision of a consent, with what it is restricted to (pdp/consented.h says what each means).
/// Nothing: it is not restricted.
struct OpenProvision {
  std::string place;  ///< `1`, and of exceptions to it `1.1`, …
  bool permits = false;
  std::optional<std::int64_t> begins_ms = {};
  std::optional<std::int64_t> ends_ms = {};               ///< exclusive
  std::optional<std::vector<std::string>> purposes = {};  ///< codes
  std::optional<std::vector<std::string>> actors = {};    ///< ids of things
  std::optional<std::vector<std::string>> actions = {};   ///< codes, or names of actions
  std::optional<std::vector<std::string>> labels = {};    ///< codes
  std::optional<std::vector<std::string>> classes = {};   ///< types of FHIR
};

/// What a delegation has beside what a grant has.
struct OpenDelegation {
  std::string delegator;  ///< the id of the thing with whose right the person acts
  std::string by;         ///< what that is: the name of its kind
  std::string ticket = {};
  bool may_pass_on = false;
  std::string passes_on = {};  ///< the id of the delegation that it passes on; empty: none
};

/// What an approval has beside what a grant has.
struct OpenApproval {
  std::vector<std::string> approvers = {};  ///< the ids of the things that have given it
  std::string ticket = {};
};

/// A break-glass grant, a delegation, a patient's consent, or an approval, that has not ended, as
/// another room keeps it. Times are milliseconds since the epoch.
struct OpenGrant {
  std::string id;
  std::string person;                    ///< the id of the thing that it is, and who acts
  std::string target;                    ///< the same
  std::vector<std::string> actions;      ///< as questions name them
  std::vector<std::string> waives = {};  ///< ids of policies
  std::string reason;                    ///< why, as policies see it; of a delegation its purpose
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;                    ///< exclusive
  std::optional<OpenDelegation> delegation = {};  ///< nothing: it is none
  /// Of a consent, whose patient is the target, and which has no person or actions.
  std::optional<std::vector<OpenProvision>> consent = {};
  std::optional<OpenApproval> approval = {};  ///< nothing: it is none
  std::string hidden = {};                    ///< why policies do not see it; empty: they do
};

/// Where a feed reads the grants. Each change of one has an entry in the change feed, of the kind
/// `kOpenGrantEntry`, `kOpenDelegationEntry`, `kOpenConsentEntry` or `kOpenApprovalEntry`, under
/// the same revision. Thread-safe.
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
