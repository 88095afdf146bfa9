#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::codec {

/// A JSON document in memory; Boost.JSON's type, used as it is.
using Json = boost::json::value;

struct JsonLimits {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::size_t max_depth = 1200;  ///< nesting of arrays and objects
  /// Of one object. What strangers send must have a limit: they could choose keys that collide in
  /// the object's hash table.
  std::size_t max_members = SIZE_MAX;
};

/// Parses one JSON text (RFC 8259) strictly: valid UTF-8, nothing after the value, no duplicate
/// keys. Integers outside 64 bits and numbers with a fraction or exponent become doubles. The
/// message of an error ends with the line and column. The value's memory is taken from `storage`,
/// which must then outlive it, or by default from the heap.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {},
                        boost::json::storage_ptr storage = {});

/// Compact text.
std::string to_json_text(const Json& json);

/// Indented by two spaces, for people and files; ends without a newline.
std::string to_pretty_json_text(const Json& json);

}  // namespace wardlock::codec
