#pragma once

#include <cstddef>
#include <string_view>

namespace wardlock::audit {

/// The offset of the first byte that is not zero; npos where there is none. As quick as memory is
/// read, which what is prepared and not written yet consists of.
std::size_t find_non_zero(std::string_view bytes);

inline bool is_zeros(std::string_view bytes) {
  return find_non_zero(bytes) == std::string_view::npos;
}

}  // namespace wardlock::audit
