#pragma once

#include <string_view>
#include <vector>

#include "audit/index/query_text.h"
#include "base/error.h"

namespace wardlock::audit_api {

/// What a URL says behind its `?`: `name=value` pairs, percent-encoded, where `+` is a space, in
/// their order. Error: kInvalidArgument, it is malformed, or holds a text that is not UTF-8 or has
/// control characters.
Result<std::vector<audit::QueryTerm>> read_query_string(std::string_view query);

}  // namespace wardlock::audit_api
