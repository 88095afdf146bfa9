#pragma once

#include <optional>
#include <string_view>

namespace wardlock {

/// Why a text cannot be an identifier that comes from outside, or nothing: it holds a character
/// that cannot be seen or that changes how others are shown (control, bidirectional, zero-width,
/// blank other than the space, unassigned), or it is not in Unicode's normalization form C, so that
/// two spellings of one word would be two identifiers. The reason continues a sentence: `the id …`.
/// Requires valid UTF-8.
std::optional<std::string_view> find_identifier_fault(std::string_view text);

}  // namespace wardlock
