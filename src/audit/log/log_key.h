#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/key_change.h"
#include "base/error.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// The key that a log's checkpoints are signed with, from the file, or a new one where the file is
/// not there. The file holds the secret in clear; it is its owner's alone. `name`: the log's
/// origin. Errors: invalid_argument where the file holds no key, or one of another name; the
/// files'.
Result<merkle::SignerKey> load_or_create_log_key(Files& files, const std::string& path,
                                                 const std::string& name);

/// The keys of a log, in a folder that nobody may write to but who signs with them.
struct LogKeys {
  merkle::SignerKey current;
  std::vector<KeyChange> changes;         ///< that led to it, oldest first
  std::optional<merkle::SignerKey> next;  ///< a change to it has begun, and has not ended

  /// Those that signed before, oldest first.
  std::vector<merkle::VerifierKey> former() const;
};

/// Reads them; makes the first one where there is none. Errors: as above; also where the changes
/// that are kept do not lead to the key that is there.
Result<LogKeys> load_or_create_log_keys(Files& files, const std::string& folder,
                                        const std::string& name);

/// Begins a change: draws the next key, unless one lies there. Errors: the files'.
Result<void> draw_next_log_key(Files& files, const std::string& folder, const std::string& name);

/// Ends it: the next key is the log's, and the one before is forgotten; durably, and after a crash
/// it is to be done again. Requires a next one, to which `change` leads. Errors: the files'.
Result<void> end_key_change(Files& files, const std::string& folder, const LogKeys& keys,
                            const KeyChange& change);

/// The changes as a file has them.
std::string key_changes_text(const std::vector<KeyChange>& changes);

}  // namespace wardlock::audit
