#pragma once

#include <string>
#include <string_view>

#include "api/admin/operations.h"
#include "codec/json.h"
#include "directory/model/schema.h"

namespace wardlock::admin {

// The parts of openapi.h's description that say what JSON is like.

/// `DeviceModel` for the kind `deviceModel`.
std::string type_name(std::string_view kind);

/// A reference to the description of what a request takes or an answer gives; null: nothing.
/// `schema`: of the collection, or null.
codec::Json schema_of_message(Message message, const directory::Schema* schema);

/// All descriptions that there are references to.
boost::json::object all_message_schemas();

}  // namespace wardlock::admin
