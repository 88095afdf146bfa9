#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "access/consent/kept_open_consents.h"
#include "directory/feed/open_grants.h"

namespace wardlock::access {

/// Approvals of actions that nobody has ended, beside break-glass grants, delegations and consents:
/// all that somebody has for a while, for what policies see (directory/feed). Thread-safe.
class KeptOpenApprovals final : public directory::OpenGrants {
 public:
  Result<std::vector<directory::OpenGrant>> read_all(storage::Work& work,
                                                     std::string_view tenant) const override;
  Result<std::optional<directory::OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                   std::string_view id) const override;

 private:
  KeptOpenConsents others_;
};

}  // namespace wardlock::access
