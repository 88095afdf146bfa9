#pragma once

#include "access/grant/glass_grant.h"
#include "access/grant/glass_rules.h"
#include "authn/message/messages.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

/// Tells whom the rules name that the glass was broken: those who care for the patient, or for whom
/// the device is connected to, and who answers for the device; whoever has one of the roles; the
/// patient. Nobody is told of what they did themselves. Within the transaction of `work`.
Result<void> tell_of_opened(storage::Work& work, const authn::Messages& messages,
                            const GlassGrant& grant, const GlassNotices& whom);

/// Tells its person that it ends soon.
Result<void> tell_of_end(storage::Work& work, const authn::Messages& messages,
                         const GlassGrant& grant, std::int64_t now_ms);

}  // namespace wardlock::access
