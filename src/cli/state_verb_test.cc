#include "cli/state_verb.h"

#include <gtest/gtest.h>

#include <set>

namespace wardlock::cli {
namespace {

TEST(StateVerb, EveryStateThatMayFollowHasOne) {
  for (const directory::Schema* schema : directory::all_schemas()) {
    std::set<std::string_view> verbs;
    for (const directory::State& state : schema->states) {
      const std::string_view verb = state_verb(*schema, state);
      bool may_follow = false;
      for (const directory::State& before : schema->states) {
        may_follow = may_follow || before.next.contains(state.name);
      }
      const bool is_merging = state.name == "merged";  // it takes another patient
      EXPECT_EQ(!verb.empty(), may_follow && !is_merging) << schema->name << " " << state.name;
      if (verb.empty()) continue;
      EXPECT_TRUE(verbs.insert(verb).second) << verb << " stands for two states";
    }
  }
}

}  // namespace
}  // namespace wardlock::cli
