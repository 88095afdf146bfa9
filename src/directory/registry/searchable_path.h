#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "directory/model/attribute.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// What is kept of a thing itself, and can be asked for like its attributes.
struct ThingColumn {
  std::string_view path;  ///< e.g. `createdAt`
  std::string_view name;  ///< in SQL, of the table `t`
  Type type;
};

/// The one with that path, or null; an attribute of the kind with that name is meant before it.
const ThingColumn* find_thing_column(Kind kind, std::string_view path);

/// kInvalidArgument, with a path that is near.
std::unexpected<Error> not_searchable(Kind kind, std::string_view path);

}  // namespace wardlock::directory
