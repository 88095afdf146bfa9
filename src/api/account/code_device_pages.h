#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// A device is added to which codes are sent: its owner says where it is, and shows the code that
// came there.

/// GET /account/code-device.
void show_code_device(Visit& visit);
/// POST /account/code-device, `do` being `send` or `confirm`.
void take_code_device(Visit& visit);

}  // namespace wardlock::account
