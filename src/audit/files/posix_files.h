#pragma once

#include "audit/files/files.h"

namespace wardlock::audit {

/// The operating system's files. Thread-safe.
class PosixFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> lock(const std::string& path) override;
  Result<bool> is_locked(const std::string& path) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<Protection> protect(const std::string& path, Protection wanted) override;
  Result<void> unprotect(const std::string& path) override;
};

/// Whether nobody but this process's user, and root, can read or change the file, or change what is
/// in the folder; also where nothing is there. Error: failed_precondition, saying what to do.
Result<void> check_private(const std::string& path);

}  // namespace wardlock::audit
