#include "audit/log/zeros.h"

#include <cstring>

namespace wardlock::audit {

std::size_t find_non_zero(std::string_view bytes) {
  constexpr std::size_t kStep = 4096;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    const std::string_view step = bytes.substr(at, kStep);
    // All are zero where the first is, and each is as the one before it.
    const bool is_zero =
        step.front() == '\0' && std::memcmp(step.data(), step.data() + 1, step.size() - 1) == 0;
    if (!is_zero) return at + step.find_first_not_of('\0');
  }
  return std::string_view::npos;
}

}  // namespace wardlock::audit
