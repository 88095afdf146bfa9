#pragma once

#include <set>
#include <string>

#include "base/error.h"
#include "bundle/content.h"

namespace wardlock::pap {

/// What a change of policies touches, for the rules that say who must approve it. Conditions are
/// not looked into: what a changed policy's scope, or a changed declaration, may be about counts.
struct ChangeReach {
  std::set<std::string> actions = {};         ///< as Cedar writes them
  std::set<std::string> resource_types = {};  ///< of these actions, and of the policies' scopes
  std::set<std::string> classes = {};         ///< of the actions: `@audit` in the schema
  /// What `@audit` says of the types: `patient`, `device`. Of a type that has none, what it says of
  /// those that it may be in.
  std::set<std::string> concerns = {};
  std::set<std::string> files = {};  ///< bundle::FileKind of those that differ

  bool operator==(const ChangeReach&) const = default;
};

/// Null stands for no policies at all: then all of `after` came. Pure. Error: one of the contents
/// cannot be used, with all that is wrong.
Result<ChangeReach> reach_of_change(const bundle::Content* before, const bundle::Content& after);

}  // namespace wardlock::pap
