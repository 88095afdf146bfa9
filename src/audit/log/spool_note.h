#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "base/error.h"

namespace wardlock::audit {

/// What the spool holds, said in a second place, where whoever can remove or exchange the spool may
/// not reach. Its space is taken once, so that a full disk does not matter. Not thread-safe.
class SpoolNote {
 public:
  /// `path` may be empty: nothing is kept then. `files` must outlive it.
  SpoolNote(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

  /// What was written last; empty where nothing was. Errors: the files'.
  Result<std::string> read() const;

  /// Durably. Errors: invalid_argument where it is too long; the files'.
  Result<void> write(std::string_view text);

 private:
  Result<std::unique_ptr<File>> make() const;

  Files& files_;
  const std::string path_;
  std::unique_ptr<File> file_;  // null before the first, and after an error
};

}  // namespace wardlock::audit
