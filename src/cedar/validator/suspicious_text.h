#pragma once

#include <string_view>

#include "cedar/ast/policy.h"
#include "cedar/validator/findings.h"

namespace wardlock::cedar {

/// Whether the text holds characters that change the order in which others are shown.
bool has_bidirectional_control(std::string_view text);
/// The first character that an identifier should not have, or 0: neither printable ASCII nor of
/// Unicode's general security profile.
char32_t find_restricted_character(std::string_view text);
/// Whether no single script has all its characters, as in `раypal` with a Cyrillic а, or some are
/// of no script at all: private or not assigned.
bool has_mixed_scripts(std::string_view text);

/// Warns of identifiers, strings and patterns that may not be what they look like.
void check_text(const Template& policy, Findings& findings);

}  // namespace wardlock::cedar
