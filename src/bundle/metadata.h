#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::bundle {

/// What is said of policies as a whole, for people and their tools; decides nothing.
struct Metadata {
  std::string name = {};     ///< e.g. `St. Mary's wards`
  std::string version = {};  ///< as its authors count
  std::string description = {};
  std::map<std::string, std::string> labels = {};  ///< by names of the authors', e.g. `commit`

  bool operator==(const Metadata&) const = default;
};

/// Reads `bundle.json`: `{"name", "version", "description", "labels": {…}}`, each optional. Errors
/// (kInvalidArgument): no such JSON, another key, a text beyond 4,096 bytes or with characters that
/// change how others are shown, more than 32 labels.
Result<Metadata> parse_metadata(std::string_view json);

}  // namespace wardlock::bundle
