#include "pdp/caller.h"

#include <algorithm>
#include <utility>

namespace wardlock::pdp {

Names Names::all() {
  Names names;
  names.is_all_ = true;
  return names;
}

Caller Caller::unrestricted(std::string id) {
  return {.id = std::move(id),
          .scope = {.types = Names::all(), .actions = Names::all(), .attributes = Names::all()},
          .may_explain = true,
          .may_attest = true,
          .may_override = true,
          .may_search = true};
}

std::span<const std::string_view> views_of(std::span<const std::string> texts, Arena& arena) {
  const std::span<std::string_view> views = arena.allocate<std::string_view>(texts.size());
  std::ranges::copy(texts, views.begin());
  return views;
}

}  // namespace wardlock::pdp
