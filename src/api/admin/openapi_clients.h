#pragma once

#include "codec/json.h"

namespace wardlock::admin {

/// Adds what JSON about OAuth clients is like, for openapi_schemas.h.
void add_client_schemas(boost::json::object& out);

}  // namespace wardlock::admin
