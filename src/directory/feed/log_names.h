#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/feed/known_by.h"
#include "storage/store.h"

namespace wardlock::directory {

/// Under which an event of the audit log names somebody.
struct LogName {
  std::string type;
  std::string id;

  auto operator<=>(const LogName&) const = default;
};

/// All names under which the log may have whom one of them names: changes of the directory name a
/// thing by its id, decisions as policies know it, by what it is known by now and was before. That
/// name comes first; it is the only one where the directory knows nobody so.
///
/// Errors: kFailedPrecondition, one of the names is or was that of several things whom events have
/// under one type: what the log has under it is about nobody knows whom; those of storage::Store.
Result<std::vector<LogName>> find_log_names(const storage::Store& store, std::string_view tenant,
                                            const KnownBy& known_by, const LogName& named);

}  // namespace wardlock::directory
