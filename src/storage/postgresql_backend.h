#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "storage/backend.h"

namespace wardlock::storage {

/// As of Store::open. Connections are made when they are asked for.
Result<std::unique_ptr<Backend>> open_postgresql_backend(const std::string& url,
                                                         std::chrono::milliseconds busy_timeout);

}  // namespace wardlock::storage
