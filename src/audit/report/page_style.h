#pragma once

#include <string_view>

namespace wardlock::audit {

/// The style sheet of a page: light and dark as the reader has it, and A4 on paper.
std::string_view page_style();

}  // namespace wardlock::audit
