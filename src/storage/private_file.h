#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::storage {

// A small file with a secret, for its owner alone (0600).

/// Its bytes, which the caller zeroes when it is done with them. Errors: kNotFound, there is none;
/// kFailedPrecondition, others may read it, it is larger than 64 KiB, or it cannot be used.
Result<std::string> read_private_file(const std::string& path);

/// Makes it, durably and whole, or not at all. Error kAlreadyExists: there is one, which stays as
/// it is.
Result<void> create_private_file(const std::string& path, std::string_view bytes);

}  // namespace wardlock::storage
