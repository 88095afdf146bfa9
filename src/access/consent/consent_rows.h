#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/consent/kept_consent.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

// Consents as rows. All within the transaction of `work`; each names its tenant.

/// The first version.
Result<void> insert_consent(storage::Work& work, const KeptConsent& consent);
/// Another version, one more than the one before. Error kAborted: there is another one meanwhile.
Result<void> replace_consent(storage::Work& work, const KeptConsent& consent);
/// The latest version.
Result<std::optional<KeptConsent>> find_consent(storage::Work& work, std::string_view tenant,
                                                std::string_view id);
Result<std::optional<KeptConsent>> find_consent_version(storage::Work& work,
                                                        std::string_view tenant,
                                                        std::string_view id, std::int64_t version);
/// All versions, the latest first.
Result<std::vector<KeptConsent>> find_consent_versions(storage::Work& work, std::string_view tenant,
                                                       std::string_view id, std::size_t most);
/// Those of the patient, the latest first; `status` a code or empty: any; `before` an id or empty.
Result<std::vector<KeptConsent>> find_consents_of(storage::Work& work, std::string_view tenant,
                                                  std::string_view patient, std::string_view status,
                                                  std::string_view before, std::size_t most);
Result<std::size_t> count_active_consents(storage::Work& work, std::string_view tenant,
                                          std::string_view patient);
/// Active ones behind the id `after`.
Result<std::vector<KeptConsent>> find_active_consents(storage::Work& work, std::string_view tenant,
                                                      std::string_view after, std::size_t most);
/// Those of patients who were merged into others; behind the id `after`.
Result<std::vector<KeptConsent>> find_merged_consents(storage::Work& work, std::string_view tenant,
                                                      std::string_view after, std::size_t most);

}  // namespace wardlock::access
