#pragma once

#include "base/error.h"
#include "base/secret.h"
#include "secrets/secret_table.h"
#include "storage/work.h"

namespace wardlock::server {

/// The key that all nodes have there, 256 random bits in base64url; the first that needs it draws
/// it. Within the transaction of `work`.
Result<Secret> find_or_draw_key(storage::Work& work, secrets::SecretTable& secrets,
                                const secrets::Place& place);

}  // namespace wardlock::server
