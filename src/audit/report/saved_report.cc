#include "audit/report/saved_report.h"

#include <algorithm>

namespace wardlock::audit {
namespace {

using event::Kind;

constexpr Kind kUserKinds[] = {Kind::kUserChange, Kind::kRoleChange};
constexpr Kind kCredentialKinds[] = {Kind::kCredentialChange};
constexpr Kind kLoginKinds[] = {Kind::kLogin, Kind::kLoginFailed, Kind::kLogout, Kind::kRefusal};
constexpr Kind kOverrideKinds[] = {Kind::kOverrideStart, Kind::kOverrideUse, Kind::kOverrideChange,
                                   Kind::kOverrideEnd, Kind::kReview};
constexpr Kind kChangeKinds[] = {
    Kind::kConfigurationChange, Kind::kPolicyChange, Kind::kErasure, Kind::kLegalHold,
    Kind::kServiceStart,        Kind::kServiceStop,  Kind::kSpooled, Kind::kRetentionRemoval,
    Kind::kLogKeyChange};

constexpr SavedReport kReports[] = {
    {.name = "users",
     .title = "User management",
     .about = "People, devices and services that were added, changed or removed, and roles that "
              "were given or taken",
     .kinds = kUserKinds},
    {.name = "credentials",
     .title = "Credential changes",
     .about = "Passwords, keys, tokens and certificates that were issued, changed or revoked",
     .kinds = kCredentialKinds},
    {.name = "patient",
     .title = "All accesses to a patient",
     .about = "Everything that was done, asked or tried with one patient's data or therapy",
     .names = Naming::kPatient},
    {.name = "overrides",
     .title = "Break-glass overrides",
     .about = "Grants that were opened, what they were used for, how they ended and how they were "
              "judged",
     .kinds = kOverrideKinds,
     .has_grants = true},
    {.name = "device",
     .title = "All actions on a device",
     .about = "Everything that was done, asked or tried with one device",
     .names = Naming::kDevice},
    {.name = "logins",
     .title = "Logins and refused callers",
     .about = "Who signed in or out, who failed to, and callers that were turned away",
     .kinds = kLoginKinds},
    {.name = "changes",
     .title = "Changes of the system",
     .about = "Configuration, policies and data that changed, erasures and legal holds, starts and "
              "stops",
     .kinds = kChangeKinds},
};

}  // namespace

std::span<const SavedReport> all_reports() { return kReports; }

const SavedReport* find_report(std::string_view name) {
  const auto found = std::ranges::find(kReports, name, &SavedReport::name);
  return found == std::end(kReports) ? nullptr : &*found;
}

}  // namespace wardlock::audit
