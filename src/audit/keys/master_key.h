#pragma once

#include <string>

#include "base/error.h"
#include "crypto/symmetric_key.h"

namespace wardlock::audit {

/// The key that wraps the keys of subjects, from a file of its own: 64 hexadecimal digits and a
/// newline, for its owner alone (0600). Where there is no file, one is made, durably, with a new
/// key. Errors: kFailedPrecondition, others may read the file or it cannot be used; kDataLoss, it
/// holds no key.
Result<crypto::SymmetricKey> load_or_create_master_key(const std::string& path);

}  // namespace wardlock::audit
