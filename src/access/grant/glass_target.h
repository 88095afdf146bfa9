#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::access {

/// Within the transaction of `work`: the patient or device that a grant for this id is for. Of a
/// patient who turned out to be another, that other one. Nothing: there is none such, or not any
/// more.
Result<std::optional<directory::Thing>> find_glass_target(storage::Work& work,
                                                          std::string_view tenant,
                                                          std::string_view id);

/// The same by a name: its id, what policies know it by (`entityId`), or a patient's record number,
/// a device's serial number or asset tag. Errors: kNotFound; kInvalidArgument, several have that
/// name.
Result<directory::Thing> find_glass_target(storage::Work& work, std::string_view tenant,
                                           directory::Kind kind, std::string_view name);

}  // namespace wardlock::access
