#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::access {

/// Within the transaction of `work`: the thing with this id that delegates, is delegated to, or is
/// what a delegation is for. Of a patient who turned out to be another, that other one. Nothing:
/// there is none such, or not any more.
Result<std::optional<directory::Thing>> find_party(storage::Work& work, std::string_view tenant,
                                                   std::string_view id);

/// The same by a name: its id, what policies know it by (`entityId`), or what people call it: a
/// person's user name, a patient's record number, a device's serial number or asset tag, the code
/// of a place or organisation. Errors: kNotFound; kInvalidArgument, several have that name.
Result<directory::Thing> find_party(storage::Work& work, std::string_view tenant,
                                    directory::Kind kind, std::string_view name);

/// Whether a right can be its own, or it can act with one: people at work, patients who are
/// registered, organisations that are there.
bool may_be_party(const directory::Thing& thing);
/// Whether there is something to be done with it: devices out of service, too.
bool may_be_target(const directory::Thing& thing);

}  // namespace wardlock::access
