#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/hmac.h"

namespace wardlock::audit {

// Files that hold a secret. No message quotes what is in one.

/// A bearer token on one line: visible ASCII.
Result<std::string> read_token_file(const std::string& path);

/// The secrets of a webhook, a line each: `whsec_` and 24 to 64 bytes in base64. There are two
/// while one is being replaced; four at most.
Result<std::vector<crypto::HmacKey>> read_webhook_secrets(const std::string& path);
Result<std::vector<crypto::HmacKey>> parse_webhook_secrets(std::string_view text);

}  // namespace wardlock::audit
