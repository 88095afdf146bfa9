#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace wardlock::storage {

/// A lock on `PATH.lock`, which says that the database is open; gone with its holder. The file
/// stays, since whoever removed it might remove another's.
class FileLock {
 public:
  /// With others who have it open. Error kUnavailable: it is being restored.
  static Result<FileLock> shared(const std::string& database_path);
  /// Alone. Error kUnavailable: somebody has it open.
  static Result<FileLock> exclusive(const std::string& database_path);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  static Result<FileLock> lock(const std::string& database_path, int operation);

  Descriptor file_;
};

}  // namespace wardlock::storage
