#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::net {

struct QueryParameter {
  std::string name;
  std::string value;
};

/// What a URL says behind its `?`: `name=value` pairs, percent-encoded, where `+` is a space, in
/// their order. Error: kInvalidArgument, it is malformed, or holds a text that is not UTF-8 or has
/// control characters.
Result<std::vector<QueryParameter>> read_query_string(std::string_view query);

/// As it stands in a URL's path or query: all but letters, digits and `-._~` percent-encoded.
std::string percent_encoded(std::string_view text);

}  // namespace wardlock::net
