#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cedar/schema/schema.h"

namespace wardlock::lsp {

/// What the value of the innermost expression at the offset is, as the validator sees it: its type,
/// and whether it is always true or always false. `text` is one policy's; empty where it does not
/// parse, where no expression of a condition is, or where nothing can be said.
std::string describe_value(std::string_view text, std::uint32_t offset,
                           const cedar::Schema& schema);

}  // namespace wardlock::lsp
