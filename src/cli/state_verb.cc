#include "cli/state_verb.h"

#include <algorithm>
#include <array>

namespace wardlock::cli {
namespace {

struct Verb {
  std::string_view state;
  std::string_view verb;
};
constexpr auto kVerbs = std::to_array<Verb>({
    {"active", "activate"},
    {"archived", "archive"},
    {"closed", "close"},
    {"commissioned", "commission"},
    {"inService", "put-in-service"},
    {"invited", "invite"},
    {"left", "leave"},
    {"quarantined", "quarantine"},
    {"registered", "register"},
    {"retired", "retire"},
    {"revoked", "revoke"},
    {"suspended", "suspend"},
    {"withdrawn", "withdraw"},
});

}  // namespace

std::string_view state_verb(const directory::Schema& schema, const directory::State& state) {
  const bool may_follow = std::ranges::any_of(
      schema.states, [&](const directory::State& each) { return each.next.contains(state.name); });
  const auto* const verb = std::ranges::find(kVerbs, state.name, &Verb::state);
  return may_follow && verb != kVerbs.end() ? verb->verb : std::string_view();
}

}  // namespace wardlock::cli
