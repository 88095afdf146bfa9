#include "access/delegation/kept_delegation.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace wardlock::access {
namespace {

constexpr std::array<std::string_view, 6> kEnds = {"expired", "revoked", "left",
                                                   "gone",    "cut",     "unseen"};

}  // namespace

std::string_view to_string(DelegationEnd end) { return kEnds.at(static_cast<std::size_t>(end)); }

std::optional<DelegationEnd> find_delegation_end(std::string_view name) {
  const auto* const found = std::ranges::find(kEnds, name);
  if (found == kEnds.end()) return std::nullopt;
  return static_cast<DelegationEnd>(found - kEnds.begin());
}

}  // namespace wardlock::access
