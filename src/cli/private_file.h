#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cli {

/// A new file that only its owner may read, written piece by piece. It stands under its name when
/// it is finished, and takes the place of a file that was there; one that is not finished leaves
/// nothing.
class PrivateFile {
 public:
  /// Error: it cannot be written there.
  static Result<PrivateFile> create(const std::string& path);
  ~PrivateFile();
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;

  Result<void> write(std::string_view piece);
  /// Synced, and under its name. Nothing is written after that.
  Result<void> finish();

 private:
  PrivateFile(std::string path, std::string draft, int file)
      : path_(std::move(path)), draft_(std::move(draft)), file_(file) {}
  std::unexpected<Error> failed(int reason) const;

  std::string path_;
  std::string draft_;  ///< its name until it is finished; empty: there is none
  int file_ = -1;
};

}  // namespace wardlock::cli
