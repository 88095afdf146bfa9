#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "audit/files/posix_files.h"
#include "audit/index/index.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"

namespace wardlock::cli {

/// A log's folder, opened to find records by what they are about.
struct IndexedFolder {
  std::unique_ptr<audit::PosixFiles> files;
  std::unique_ptr<audit::SubjectKeys> keys;
  std::unique_ptr<audit::EventReader> log;
  audit::Index index;
  std::uint64_t missing = 0;  ///< records of the log that are not in the index
};

/// Opens the log's index (`index.db` in its folder) and the keys by which names are found in it,
/// `keys_option` as with `open_audit_keys`. An index that is missing is made, one that is behind
/// catches up, with a progress bar; one that cannot be written, or whose keys cannot, is used as
/// far as it goes. While a server has the log open, it follows: then nothing is written here, and
/// the index must be there. Errors: not_found, there is no log, or no keys; unavailable, the index
/// is damaged, another log's, or not there yet; those of all three.
Result<IndexedFolder> open_indexed_folder(const std::string& folder,
                                          const std::string& keys_option);

/// Takes the index away and makes it anew. Error: unavailable, a server has the log open.
Result<IndexedFolder> rebuild_index(const std::string& folder, const std::string& keys_option);

/// The latest record of that decision, by the index where there is one that can be used, and its
/// keys; nothing: it is not in there, which does not say that it is not in the log.
std::optional<std::uint64_t> find_indexed_decision(const std::string& folder,
                                                   const std::string& keys_option,
                                                   const std::string& tenant,
                                                   const std::string& decision_id);

/// Adds to the index all that the log has, with a progress bar. `log` opens with the same keys.
/// Errors: unavailable, the index is damaged or another log's; those of the keys and of the log.
Result<void> bring_index_up(const std::string& folder, audit::Files& files, audit::EventReader& log,
                            audit::SubjectKeys& keys);

/// Whether a server has the log open. Error: not_found, it is no log.
Result<bool> is_log_open(audit::Files& files, const std::string& folder);

}  // namespace wardlock::cli
