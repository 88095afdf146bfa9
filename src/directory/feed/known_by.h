#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// The attribute by which policies and questions know the things of a kind that have no `entityId`,
/// e.g. people by `userName`.
using KnownBy = std::map<Kind, std::string>;

/// Adds one. Errors (kInvalidArgument): there is no such kind, policies know it by another name
/// already, or no two things of the kind differ in the attribute.
Result<void> add_known_by(KnownBy& known_by, std::string_view kind, std::string_view attribute);

}  // namespace wardlock::directory
