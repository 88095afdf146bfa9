#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/secret.h"
#include "directory/registry/journal.h"

namespace wardlock::authn {

// Codes that are sent to registered devices. Private to the room.

/// So long one is good (SP 800-63B-4, 3.1.3.2: ten minutes at most).
inline constexpr std::int64_t kDeviceCodeMs = std::int64_t{5} * 60 * 1000;
/// So many wrong ones, and the right one is good for nothing any more.
inline constexpr std::int64_t kDeviceCodeTries = 5;

/// Eight digits, each as likely as the others.
Secret new_device_code(const directory::Surroundings& surroundings);

/// Error kInvalidArgument: it is none, or one of mail, by which no code goes (SP 800-63B-4,
/// 3.1.3.1).
Result<void> check_device_address(const Secret& address);

}  // namespace wardlock::authn
