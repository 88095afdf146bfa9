#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "access/consent/consent_document.h"
#include "access/consent/kept_consent.h"
#include "base/error.h"
#include "directory/registry/journal.h"
#include "directory/registry/thing.h"
#include "storage/store.h"

namespace wardlock::access {

/// So many consents of one patient may be active.
inline constexpr std::size_t kMostActiveConsents = 20;

/// A consent as a change left it.
struct ChangedConsent {
  KeptConsent consent;
  std::uint64_t revision = 0;  ///< of the directory: from then on decisions see it so
};

/// Patients' consents, with all their versions. Thread-safe; waits for the database. Who may enter
/// one is asked before (policies/wardlock).
///
/// `mandate` says who acts, for which tenant, and through what. Each change commits with its audit
/// event and its entry in the change feed. Errors besides those of storage::Store:
/// kInvalidArgument, a name of the document is nobody's or several's, in words that begin with the
/// element; kNotFound, no such patient or consent; kAborted, it is at another version;
/// kFailedPrecondition, the patient is not there any more, or has too many.
class ConsentDesk {
 public:
  /// They outlive it.
  ConsentDesk(storage::Store& store, const directory::Surroundings& directory)
      : store_(store), directory_(directory) {}

  Result<ChangedConsent> enter(const directory::Mandate& mandate, const WrittenConsent& consent);
  /// Another version. `expected`: the version that it replaces; nothing: whichever there is.
  Result<ChangedConsent> replace(const directory::Mandate& mandate, std::string_view id,
                                 std::optional<std::int64_t> expected,
                                 const WrittenConsent& consent);
  /// Another version that is inactive. One that is so already stays as it is.
  Result<ChangedConsent> withdraw(const directory::Mandate& mandate, std::string_view id,
                                  std::optional<std::int64_t> expected);
  /// Has consents of patients who were merged be those of who is left. How many. Decisions do not
  /// wait for it. `go_on`: false, where it is to stop.
  Result<std::size_t> tend(const directory::Mandate& own, const std::function<bool()>& go_on);

  /// The patient of that name: id, name in policies, record number. Of one who was merged the
  /// other.
  Result<directory::Thing> find_patient(std::string_view tenant, std::string_view name) const;
  /// The latest version, or that one.
  Result<KeptConsent> find(std::string_view tenant, std::string_view id,
                           std::optional<std::int64_t> version = {}) const;
  /// All versions, the latest first.
  Result<std::vector<KeptConsent>> versions(std::string_view tenant, std::string_view id) const;
  /// Those of the patient, the latest first; `status` and `before` may be empty.
  Result<std::vector<KeptConsent>> of(std::string_view tenant, std::string_view patient,
                                      std::string_view status, std::string_view before,
                                      std::size_t most) const;

 private:
  Result<std::uint64_t> tell(storage::Work& work, const directory::Mandate& mandate,
                             const KeptConsent& consent, directory::What what,
                             std::string_view action, std::string_view before);
  Result<ChangedConsent> write_next(storage::Work& work, const directory::Mandate& mandate,
                                    KeptConsent next, const KeptConsent& before,
                                    std::string_view action);
  Result<void> fill(storage::Work& work, const WrittenConsent& written,
                    const directory::Thing& patient, KeptConsent& consent);

  storage::Store& store_;
  const directory::Surroundings& directory_;
};

}  // namespace wardlock::access
