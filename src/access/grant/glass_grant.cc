#include "access/grant/glass_grant.h"

#include <algorithm>
#include <array>

namespace wardlock::access {
namespace {

constexpr std::array<std::string_view, 7> kEnds = {"expired", "ended", "revoked", "left",
                                                   "gone",    "clock", "unseen"};

}  // namespace

std::string_view to_string(GlassEnd end) { return kEnds.at(static_cast<std::size_t>(end)); }

std::optional<GlassEnd> find_glass_end(std::string_view name) {
  const auto* const found = std::ranges::find(kEnds, name);
  if (found == kEnds.end()) return std::nullopt;
  return static_cast<GlassEnd>(found - kEnds.begin());
}

std::string_view to_string(GlassStep step) {
  static constexpr std::array<std::string_view, 5> kNames = {"open", "renew", "warn", "carry_over",
                                                             "end"};
  return kNames.at(static_cast<std::size_t>(step));
}

}  // namespace wardlock::access
