#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"
#include "bundle/content.h"

namespace wardlock::server {

/// How much is looked at in a folder that others write to.
struct SourceLimits {
  std::size_t entries = 100'000;  ///< of the folder and its `tests`, whatever they are
  std::size_t files = bundle::kMaxFiles;
  std::size_t bytes = bundle::kMaxContentBytes;
};

/// As `read_policy_folder`, of a folder that whoever proposes policies may write to, and no more:
/// no link in it is followed, nothing that is no file is opened, and it ends. The folder itself may
/// be reached by a link. Errors besides: kInvalidArgument, a link or no file; kResourceExhausted,
/// beyond the limits.
Result<bundle::Content> read_source_folder(const std::string& folder,
                                           const SourceLimits& limits = {});

}  // namespace wardlock::server
