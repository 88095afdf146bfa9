#pragma once

#include <string>

#include "codec/json.h"

namespace wardlock::cli {

/// What `/admin/v1/whoami` answers, for people: who it is, of which tenant, their roles, how they
/// signed in, and until when that is good.
std::string identity_text(const codec::Json& me);

}  // namespace wardlock::cli
