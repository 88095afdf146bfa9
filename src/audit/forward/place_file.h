#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/files/files.h"
#include "base/error.h"

namespace wardlock::audit {

/// A forwarder's place in the log, as it is kept on disk.
struct Place {
  std::string origin = {};        ///< the log's
  std::uint64_t position = 0;     ///< all records before it were handed over
  std::uint64_t resend_from = 0;  ///< where to begin after a break
  std::string last = {};          ///< the hash of record `position` - 1, hexadecimal; empty at 0
};

/// Nothing where there is none yet. Errors: data_loss, it is malformed; the files'.
Result<std::optional<Place>> load_place(Files& files, const std::string& path);

/// Durably, whole or not at all.
Result<void> save_place(Files& files, const std::string& path, const Place& place);

}  // namespace wardlock::audit
