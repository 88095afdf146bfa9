#pragma once

#include <string>

#include "base/error.h"
#include "bundle/content.h"

namespace wardlock::server {

/// What a bundle of the folder has: of the files in it and in `tests` below it those that have a
/// bundle's names; `entities.json` only where there are tests. Other files are passed over. Errors:
/// a file whose name is nearly that of one of them, so that it would be missing without a word;
/// what cannot be read; those of `Content::of`.
Result<bundle::Content> read_policy_folder(const std::string& folder);

}  // namespace wardlock::server
