#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "pdp/snapshot.h"

namespace wardlock::administration {

/// A file of policies/wardlock, as it was when this was built.
struct PolicyFile {
  std::string_view name;
  std::string_view text;
};
std::span<const PolicyFile> own_policy_files();

/// The same, to build a snapshot from.
pdp::Sources own_policies();

/// What deeds are decided by. Error: all that is wrong with the policies, or what they cannot be
/// asked: their schema must have the types and actions of policies/wardlock.
Result<std::shared_ptr<const pdp::Snapshot>> build_policies(const pdp::Sources& sources);

}  // namespace wardlock::administration
