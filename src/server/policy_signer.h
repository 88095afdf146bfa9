#pragma once

#include <string>

#include "base/error.h"
#include "bundle/keys.h"

namespace wardlock::server {

/// What signs bundles with the key in a file (PEM, for its owner alone) or, where it begins with
/// `pkcs11:`, in a token. For one thread at a time. Errors name the file or token, and hold nothing
/// of a key.
Result<bundle::Signer> open_signer(const std::string& key);

}  // namespace wardlock::server
