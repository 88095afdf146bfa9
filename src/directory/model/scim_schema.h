#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

// SCIM's view of the table (RFC 7643 §7): what `/Schemas` and `/ResourceTypes` answer.

inline constexpr std::string_view kScimEnterpriseSchema =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The URN of the schema that has the attribute.
std::string scim_schema_of(const Schema& schema, const Attribute& attribute);

/// The URN of Wardlock's extension of the schema, which has the state, too.
std::string scim_own_extension(const Schema& schema);

/// Its path in filters and patches: `userName`, or with its schema's URN before it. `attribute` is
/// one of the schema's.
std::string scim_path(const Schema& schema, const Attribute& attribute);

/// All schemas, as a list of objects without `meta`: the core one of each kind, then its
/// extensions.
codec::Json scim_schemas();

/// All resource types, the same way.
codec::Json scim_resource_types();

}  // namespace wardlock::directory
