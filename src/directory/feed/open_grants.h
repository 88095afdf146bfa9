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

/// A break-glass grant that has not ended, as another room keeps it. Times are milliseconds since
/// the epoch.
struct OpenGrant {
  std::string id;
  std::string person;                    ///< the id of the thing that it is
  std::string target;                    ///< the same
  std::vector<std::string> actions;      ///< as questions name them
  std::vector<std::string> waives = {};  ///< ids of policies
  std::string reason;                    ///< why, as policies see it
  std::int64_t opens_ms = 0;
  std::int64_t expires_ms = 0;  ///< exclusive
};

/// Where a feed reads the grants. Each change of one has an entry in the change feed, of the kind
/// `kOpenGrantEntry`, under the same revision. Thread-safe.
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
