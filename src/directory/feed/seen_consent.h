#pragma once

#include <string_view>

#include "base/arena.h"
#include "cedar/schema/schema.h"
#include "directory/feed/known_things.h"
#include "directory/feed/open_grants.h"
#include "directory/feed/seen_grants.h"

namespace wardlock::directory {

inline constexpr std::string_view kConsentEntityType = "Wardlock::Consent";

/// How a patient's consent becomes an entity, as `project_grant` has it. Requires `grant.consent`.
/// An actor whom policies do not see is nobody whom they decide about, and is left out; what is
/// restricted to such actors alone stays restricted.
SeenGrant project_consent(const OpenGrant& grant, const KnownThings& known,
                          const cedar::Schema& schema, Arena& arena);

}  // namespace wardlock::directory
