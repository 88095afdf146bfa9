#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/inspect/finding.h"
#include "audit/log/log_folder.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// Who a log says it is, and what it last signed.
struct LogIdentity {
  std::string origin;                      ///< empty: it cannot be told
  std::optional<merkle::VerifierKey> key;  ///< nothing: no signature can be checked
  /// It, those that it followed and those that followed it, oldest first.
  std::vector<merkle::VerifierKey> keys = {};
  bool is_key_from_outside = false;
  std::string checkpoint;                    ///< the signed note; empty: there is none
  std::optional<merkle::TreeHead> covered;   ///< by that checkpoint, where it is right
  std::optional<merkle::TreeHead> cosigned;  ///< what witnesses confirmed, by `cosigned`

  merkle::CheckpointPolicy policy() const;
  /// What must be right of a checkpoint that the log has: its form, its origin and, where a key is
  /// known, its signature.
  Result<merkle::TreeHead> open_checkpoint(std::string_view note) const;
};

/// Reads the log's small files; what is wrong with them goes into `findings`. `key`: the one to
/// believe rather than the folder's. Errors: not_found where the folder is no log at all; the
/// files'.
Result<LogIdentity> read_identity(Files& files, const LogPaths& paths,
                                  const std::optional<merkle::VerifierKey>& key,
                                  Findings& findings);

/// The key in a log's folder. Errors: invalid_argument, it is none; the files'.
Result<merkle::VerifierKey> read_public_key(Files& files, const LogPaths& paths);

}  // namespace wardlock::audit
