#pragma once

#include <string>

#include "audit/files/files.h"
#include "base/error.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// The key in that file, as golang.org/x/mod/sumdb/note writes one; where there is no file, a new
/// Ed25519 key called `name`, in a new file that only its owner can read, durable before it is
/// returned. Errors: invalid_argument where the file holds no such key, or one of another name; the
/// files'. Messages hold nothing of the key.
Result<merkle::SignerKey> load_or_create_log_key(Files& files, const std::string& path,
                                                 const std::string& name);

}  // namespace wardlock::audit
