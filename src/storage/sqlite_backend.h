#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "storage/backend.h"

namespace wardlock::storage {

/// As of Store::open. As long as it is there it cannot be restored.
Result<std::unique_ptr<Backend>> open_sqlite_backend(const std::string& path,
                                                     std::chrono::milliseconds busy_timeout);

}  // namespace wardlock::storage
