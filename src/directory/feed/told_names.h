#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "directory/feed/thing_key.h"

namespace wardlock::directory {

/// Which things are named in what sources told of others: where one of them is seen otherwise, so
/// are those. Not thread-safe.
class ToldNames {
 public:
  /// Of the thing such is told, in the place of what was.
  void take(const ThingKey& thing, std::vector<ThingKey> names);
  std::vector<ThingKey> who_names(const ThingKey& named) const;

 private:
  std::map<ThingKey, std::vector<ThingKey>> names_;   ///< by whom they are named
  std::set<std::pair<ThingKey, ThingKey>> named_by_;  ///< who is named, and by whom
};

}  // namespace wardlock::directory
