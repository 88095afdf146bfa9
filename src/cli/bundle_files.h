#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "bundle/keys.h"
#include "bundle/policy_bundle.h"

namespace wardlock::cli {

/// Nothing of it is verified. Errors name the file.
Result<bundle::UnverifiedBundle> read_bundle(const std::string& path);

/// The content of a folder or of a bundle, which nobody has verified.
Result<bundle::Content> read_content(const std::string& path);

/// All keys of files in PEM.
Result<std::vector<crypto::PublicKey>> read_key_files(const std::vector<std::string>& paths);

}  // namespace wardlock::cli
