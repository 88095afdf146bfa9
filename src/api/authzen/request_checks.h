#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace wardlock::authzen {

/// Whether the media type is application/json, and in UTF-8 if it names a charset. Other parameters
/// mean nothing.
bool is_json_type(std::string_view content_type);

/// The caller's identifier of its request, which goes into the response (AuthZEN §10.1.3); nothing
/// when there is none. Error (kInvalidArgument): longer than 256 characters, or with one that is
/// not printable ASCII.
Result<std::optional<std::string_view>> request_id(const net::HttpRequest& request);

}  // namespace wardlock::authzen
