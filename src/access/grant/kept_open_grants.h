#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "access/grant/glass_rules.h"
#include "directory/feed/open_grants.h"

namespace wardlock::access {

/// The grants that have not ended, for what policies see (directory/feed). The entity of one is
/// open a little before it was opened, for nodes whose clocks are behind. Thread-safe.
class KeptOpenGrants final : public directory::OpenGrants {
 public:
  Result<std::vector<directory::OpenGrant>> read_all(storage::Work& work,
                                                     std::string_view tenant) const override;
  Result<std::optional<directory::OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                   std::string_view id) const override;
};

}  // namespace wardlock::access
