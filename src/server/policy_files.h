#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pdp/snapshot.h"

namespace wardlock::server {

/// A file's whole content; `-` is standard input. Error: it cannot be read, or is larger than
/// 256 MiB.
Result<pdp::Source> read_source(const std::string& path);

/// The sources for `path`: one file, or a folder's `*.cedar` and `*.cedarschema` in the order of
/// their names and nothing else of it. Error: no such path, a folder without policies, or one with
/// an entry that is no file or whose name is not plain text.
Result<pdp::Sources> read_policies(const std::string& path);

/// The files that `read_policies` would read, in its order, or the path itself where it is no
/// folder. Errors as there.
Result<std::vector<std::string>> list_policies(const std::string& path);

}  // namespace wardlock::server
