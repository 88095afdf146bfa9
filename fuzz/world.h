#pragma once

#include <cstdlib>

#include "base/check.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/entities_json.h"

namespace wardlock::cedar {

/// A small fixed world, so that what a fuzzer makes is also evaluated.
class World {
 public:
  World() {
    const auto json = codec::parse_json(R"([
      {"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Group", "id": "g"}],
       "attrs": {"n": 1, "s": "x*y", "set": [1, "a", {"r": true}], "b": true,
                 "e": {"__entity": {"type": "User", "id": "a"}},
                 "ip": {"__extn": {"fn": "ip", "arg": "10.0.0.1/8"}},
                 "d": {"__extn": {"fn": "decimal", "arg": "1.5"}},
                 "t": {"__extn": {"fn": "datetime", "arg": "2024-01-01"}}},
       "tags": {"k": "v"}}])");
    CHECK(json);
    auto store = entities_from_json(*json);
    CHECK(store);
    store_ = std::move(*store);
  }

  /// Decides every policy once. What it answers does not matter; that it answers does.
  void decide(const PolicySet& policies) const {
    Arena arena;
    const Request request{make_uid(arena, "User", "a"), make_uid(arena, "Action", "v"),
                          make_uid(arena, "User", "b")};
    const Response response = authorize(policies.policies(), request, EntityView(store_), arena);
    for (const PolicyError& error : response.errors) CHECK(!error.error.message().empty());
  }

 private:
  EntityStore store_;
};

}  // namespace wardlock::cedar
