#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::directory {

inline constexpr std::size_t kMaxUserNameBytes = 256;

/// The form under which a user name is kept and compared: PRECIS' UsernameCaseMapped (RFC
/// 8265, 3.3) – wide characters as usual ones, lowercase, normalization form C. Blanks around it do
/// not count.
///
/// Beyond the profile, a name of several scripts that are not used together is refused (UTS 39,
/// Highly Restrictive): it would be taken for another. Names of one script that look alike have one
/// `look_alike_skeleton`.
Parsed<std::string> normalise_user_name(std::string_view text);

}  // namespace wardlock::directory
