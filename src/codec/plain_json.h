#pragma once

#include <optional>
#include <string_view>

#include "codec/json.h"

namespace wardlock::codec {

/// Reads JSON as questions are written: no fractions or exponents, few members, little nesting, no
/// key with escapes. What it returns is what the strict parser would return; nothing means that
/// the text is for the strict parser, which says what is wrong with it, if anything is.
std::optional<Json> parse_plain_json(std::string_view text, const JsonLimits& limits,
                                     const boost::json::storage_ptr& storage);

}  // namespace wardlock::codec
