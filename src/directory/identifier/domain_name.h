#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::directory {

/// A domain's name as DNS knows it: lowercase, other letters than ASCII's as `xn--…` (IDNA by UTS
/// 46, non-transitional), letters, digits and hyphens only, without a full stop at the end. Error:
/// the message says what a label breaks. Requires valid UTF-8.
Result<std::string> ascii_domain_name(std::string_view text);

}  // namespace wardlock::directory
