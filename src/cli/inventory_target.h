#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "cli/admin_client.h"
#include "directory/inventory/export.h"
#include "directory/inventory/import.h"
#include "directory/inventory/import_file.h"

namespace wardlock::cli {

/// The directory that an inventory goes to or comes from. Not thread-safe.
class InventoryTarget {
 public:
  virtual ~InventoryTarget() = default;

  /// See directory::import_batch.
  virtual Result<directory::BatchOutcome> import(const directory::FileBatch& batch,
                                                 bool is_dry_run) = 0;

  /// A page of the things of a kind or of the relations of a name, behind the one before.
  virtual Result<directory::ExportPage> page(const std::string& kind, const std::string& after,
                                             bool has_relations) = 0;
  /// See directory::export_changes.
  virtual Result<directory::ExportChanges> changes(std::uint64_t since) = 0;
  virtual Result<std::uint64_t> revision() = 0;

  /// The bill of materials of what has that key; nothing: there is no such thing.
  virtual Result<std::optional<codec::Json>> bill(const std::string& key) = 0;
};

/// Where the directory is, and why it is changed.
struct InventoryPlace {
  ServerOptions server;
  std::string directory;  ///< its database; empty: ask the server
  std::string tenant;
  std::string reason;
  bool is_sensitive = false;
};

/// The options that say so.
void add_place_options(CommandBuilder& command, InventoryPlace& place);

/// A running server, whose policies of administration decide what may be done; or the database
/// itself, for who works on the machine: nobody is asked, and what is changed is on record as the
/// operator's, by the name of the user who runs the command.
Result<std::unique_ptr<InventoryTarget>> open_target(const InventoryPlace& place);

/// The key of what a bill of materials is of; without a kind it is a device model.
std::string model_key(const std::string& text);

}  // namespace wardlock::cli
