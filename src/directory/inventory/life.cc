#include "directory/inventory/life.h"

#include <algorithm>
#include <map>

#include "directory/registry/tables.h"

namespace wardlock::directory {
namespace {

using Steps = std::vector<std::string_view>;

/// Breadth first from all of `begins` at once.
std::optional<Steps> search(const Schema& schema, const Steps& begins, std::string_view to) {
  std::map<std::string_view, std::string_view> came_from;  // a state and the one before it
  Steps waiting = begins;
  for (const std::string_view begin : begins) came_from.emplace(begin, "");
  for (std::size_t i = 0; i < waiting.size() && !came_from.contains(to); ++i) {
    const State* state = find_state(schema, waiting[i]);
    if (state == nullptr) continue;
    for (const std::string_view next : state->next.all()) {
      const State* following = find_state(schema, next);
      if (next != to && following->ends_relations) continue;
      if (came_from.emplace(next, waiting[i]).second) waiting.push_back(next);
    }
  }
  if (!came_from.contains(to)) return std::nullopt;
  Steps steps;
  for (std::string_view at = to; !at.empty(); at = came_from.at(at)) steps.push_back(at);
  std::ranges::reverse(steps);
  return steps;
}

}  // namespace

std::optional<Steps> steps_between(const Schema& schema, std::string_view from,
                                   std::string_view to) {
  auto steps = search(schema, {from}, to);
  if (steps) steps->erase(steps->begin());
  return steps;
}

std::optional<Steps> steps_to(const Schema& schema, std::string_view to) {
  const auto first = schema.first.all();
  return search(schema, {first.begin(), first.end()}, to);
}

bool needs_others(const Schema& schema, std::string_view state) {
  if (schema.kind == Kind::kPatient && state == kMerged) return true;
  const State* found = find_state(schema, state);
  return found != nullptr && schema.needs_owner && found->is_in_force;
}

}  // namespace wardlock::directory
