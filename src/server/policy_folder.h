#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"

namespace wardlock::server {

/// What a bundle of the folder has: of the files in it and in `tests` below it those that have a
/// bundle's names; `entities.json` only where there are tests. Other files are passed over. Errors:
/// a file whose name is nearly that of one of them, so that it would be missing without a word;
/// what cannot be read; those of `Content::of`.
Result<bundle::Content> read_policy_folder(const std::string& folder);

// What whoever reads such a folder otherwise has in common with it.

/// Whether somebody meant a file of that name to be in the bundle: a forbid in `Ward.CEDAR` would
/// be missing without a word.
bool is_nearly_bundled(std::string name);
/// The error that such a file is.
std::unexpected<Error> would_be_missing(std::string_view path);
/// Of the files that have a bundle's names. Errors: those of `Content::of`.
Result<bundle::Content> content_of_folder(std::vector<bundle::BundledFile> files,
                                          const std::string& folder);

}  // namespace wardlock::server
