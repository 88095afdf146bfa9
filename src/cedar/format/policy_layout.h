#pragma once

#include <string>
#include <vector>

#include "cedar/format/commented_tokens.h"
#include "cedar/format/format.h"

namespace wardlock::cedar {

/// One policy laid out, given its tokens from the first to its `;`. They are known to parse. Lines
/// may be blank and begin or end with blanks; see `format_policies`.
std::string lay_out_policy(std::vector<CommentedToken> tokens, const FormatOptions& options);

}  // namespace wardlock::cedar
