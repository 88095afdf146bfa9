#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "bundle/keys.h"
#include "bundle/policy_bundle.h"

namespace wardlock::cli {

/// What a bundle of the folder has: of the files in it and in `tests` below it those that have a
/// bundle's names; `entities.json` only where there are tests. Other files are passed over. Errors:
/// a file whose name is nearly that of one of them, so that it would be missing without a word;
/// what cannot be read; those of `Content::of`.
Result<bundle::Content> read_bundle_folder(const std::string& folder);

/// Nothing of it is verified. Errors name the file.
Result<bundle::UnverifiedBundle> read_bundle(const std::string& path);

/// The content of a folder or of a bundle, which nobody has verified.
Result<bundle::Content> read_content(const std::string& path);

/// All keys of files in PEM.
Result<std::vector<crypto::PublicKey>> read_key_files(const std::vector<std::string>& paths);

/// What signs with the key in a file (PEM, for its owner alone) or, where it begins with `pkcs11:`,
/// in a token.
Result<bundle::Signer> open_signer(const std::string& key);

}  // namespace wardlock::cli
