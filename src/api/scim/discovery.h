#pragma once

#include <optional>
#include <string_view>

#include "codec/json.h"

namespace wardlock::scim {

// What the server says of itself (RFC 7644, 4).

codec::Json service_provider_config(std::string_view base_url);

/// All, or the one with that id; nothing: there is none.
codec::Json resource_types(std::string_view base_url);
std::optional<codec::Json> resource_type_named(std::string_view id, std::string_view base_url);
codec::Json schemas(std::string_view base_url);
std::optional<codec::Json> schema_named(std::string_view id, std::string_view base_url);

}  // namespace wardlock::scim
