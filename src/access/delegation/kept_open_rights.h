#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "access/grant/kept_open_grants.h"
#include "directory/feed/open_grants.h"

namespace wardlock::access {

/// Break-glass grants and delegations that have not ended, for what policies see (directory/feed).
/// Thread-safe.
class KeptOpenRights final : public directory::OpenGrants {
 public:
  Result<std::vector<directory::OpenGrant>> read_all(storage::Work& work,
                                                     std::string_view tenant) const override;
  Result<std::optional<directory::OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                   std::string_view id) const override;

 private:
  KeptOpenGrants grants_;
};

}  // namespace wardlock::access
