#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "access/delegation/kept_open_rights.h"
#include "directory/feed/open_grants.h"

namespace wardlock::access {

/// Break-glass grants, delegations, and active consents, for what policies see (directory/feed).
/// Thread-safe.
class KeptOpenConsents final : public directory::OpenGrants {
 public:
  Result<std::vector<directory::OpenGrant>> read_all(storage::Work& work,
                                                     std::string_view tenant) const override;
  Result<std::optional<directory::OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                   std::string_view id) const override;

 private:
  KeptOpenRights rights_;
};

}  // namespace wardlock::access
