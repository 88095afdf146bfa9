#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "directory/model/attribute.h"

namespace wardlock::directory {

/// What is kept of a thing itself, and can be asked for like its attributes.
struct ThingColumn {
  std::string_view path;  ///< e.g. `createdAt`
  std::string_view name;  ///< in SQL, of the table `t`
  Type type;
};

/// The one with that path, or null.
const ThingColumn* find_thing_column(std::string_view path);

/// kInvalidArgument, with a path that is near.
std::unexpected<Error> not_searchable(Kind kind, std::string_view path);

}  // namespace wardlock::directory
