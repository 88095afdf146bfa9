#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "directory/inventory/import.h"
#include "directory/inventory/import_file.h"

namespace wardlock::cli {

/// The directory that an inventory goes to or comes from.
class InventoryTarget {
 public:
  virtual ~InventoryTarget() = default;

  /// See directory::import_batch.
  virtual Result<directory::BatchOutcome> import(const directory::FileBatch& batch,
                                                 bool is_dry_run) = 0;
};

/// What says where the directory is.
struct InventoryPlace {
  std::string directory;  ///< its database
  std::string tenant;
  std::string reason;
};

/// The database itself, for who works on the machine: nobody is asked, and what is changed is on
/// record as the operator's, by the name of the user who runs the command.
Result<std::unique_ptr<InventoryTarget>> open_database_target(const InventoryPlace& place);

}  // namespace wardlock::cli
