#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"

namespace wardlock::admin {

/// Describes the endpoints (OpenAPI 3.1.0): made of the table of operations and the table of kinds.
codec::Json openapi();

/// Another description, with what this one has in its `paths`, `components` and `tags`. Requires
/// one that names nothing the same.
std::string joined_with_openapi(std::string_view other);

}  // namespace wardlock::admin
