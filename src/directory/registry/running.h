#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/work.h"

namespace wardlock::directory {

// Which devices run which versions of software modules, found from the versions. All within the
// transaction of `work`, as of one moment.

/// A device runs a version.
struct Running {
  std::string version;  ///< ids
  std::string device;
};

/// So many devices in that state run the version.
struct RunningCount {
  std::string version;
  std::string state;
  std::uint64_t devices = 0;
};

/// Of some versions, whose ids ascend, those behind `after`, by version and device; at most `most`.
/// `state`: devices in that state alone; empty: in any.
Result<std::vector<Running>> find_running(storage::Work& work, std::string_view tenant,
                                          std::span<const std::string> versions,
                                          std::string_view state, const Running& after,
                                          std::size_t most, std::int64_t time_ms);

/// Of each of the versions (at most some hundreds), by the states that devices are in.
Result<std::vector<RunningCount>> count_running(storage::Work& work, std::string_view tenant,
                                                std::span<const std::string> versions,
                                                std::int64_t time_ms);

}  // namespace wardlock::directory
