#pragma once

#include <string_view>

namespace wardlock::request_api {

/// openapi.json, compact and with the program's version; made a constant by the build.
extern const std::string_view kOpenApi;

}  // namespace wardlock::request_api
