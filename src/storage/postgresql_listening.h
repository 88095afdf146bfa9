#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "storage/store.h"

namespace wardlock::storage {

/// As of Store::listen: LISTEN, over a connection of its own that is made anew when it breaks.
Result<std::unique_ptr<Listening>> listen_to_postgresql(const std::string& url,
                                                        std::chrono::milliseconds timeout,
                                                        const std::string& channel,
                                                        std::function<void()> heard);

}  // namespace wardlock::storage
