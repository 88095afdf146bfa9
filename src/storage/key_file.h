#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/symmetric_key.h"

namespace wardlock::storage {

// A key in a file of its own: 64 hexadecimal digits and a newline, for its owner alone (0600).

/// Errors: kNotFound, there is no such file; kFailedPrecondition, others may read it or it cannot
/// be used; kDataLoss, it holds no key.
Result<crypto::SymmetricKey> load_key(const std::string& path);

/// The same; where there is no file, one is made, durably, with a new key.
Result<crypto::SymmetricKey> load_or_create_key(const std::string& path);

/// 64 hexadecimal digits, or nothing.
std::optional<crypto::SymmetricKey> parse_key(std::string_view digits);

}  // namespace wardlock::storage
