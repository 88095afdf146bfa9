#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "access/grant/glass_grant.h"
#include "access/grant/glass_rules.h"
#include "authn/message/messages.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

/// Those whom a broken glass concerns.
struct GlassAudience {
  std::set<std::string> holders;  ///< of one of the roles
  std::set<std::string> team;
  std::string patient;  ///< empty: is not told
};

/// Whom the rules name: those who care for the patient, or for whom the device is connected to, and
/// who answers for the device; whoever has one of the roles; the patient. Nobody is told of what
/// they did themselves. Within the transaction of `work`.
Result<GlassAudience> find_audience(storage::Work& work, const GlassGrant& grant,
                                    const GlassNotices& whom);

/// Tells them that the glass was broken. Within the transaction of `work`.
Result<void> tell_of_opened(storage::Work& work, const authn::Messages& messages,
                            const GlassGrant& grant, const GlassAudience& audience);

/// Tells its person that it ends soon.
Result<void> tell_of_end(storage::Work& work, const authn::Messages& messages,
                         const GlassGrant& grant, std::int64_t now_ms);

}  // namespace wardlock::access
