#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace wardlock::lsp {

/// A file of a folder, and what changes when its content does (its time and size, say).
struct FolderEntry {
  std::string path;
  std::string stamp;

  friend bool operator==(const FolderEntry&, const FolderEntry&) = default;
};

/// How the language server reads files that no editor has open.
class Files {
 public:
  virtual ~Files() = default;

  /// The folder's own `*.cedar` and `*.cedarschema` files, by name; none where it cannot be read.
  virtual std::vector<FolderEntry> list(const std::string& folder) const = 0;
  virtual Result<std::string> read(const std::string& path) const = 0;
};

}  // namespace wardlock::lsp
