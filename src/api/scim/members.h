#pragma once

#include <string_view>

#include "api/scim/attribute_path.h"
#include "codec/json.h"

namespace wardlock::scim {

struct Filter;

/// The member of that name, in any case; nullptr if there is none.
const codec::Json* find_member(const boost::json::object& object, std::string_view name);
codec::Json* find_member(boost::json::object& object, std::string_view name);

/// What the path's attribute, not yet its sub-attribute, is in a resource: a member of it, or of
/// the member that its schema is (RFC 7643, 3.3).
const codec::Json* find_attribute(const boost::json::object& resource, const AttributePath& path);

/// The same as `matches` for one of several values, which may be simple: then it is `value`.
bool matches_value(const Filter& filter, const codec::Json& value);

}  // namespace wardlock::scim
