#pragma once

#include "administration/errand.h"
#include "api/scim/filter.h"
#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "directory/registry/query.h"

namespace wardlock::scim {

/// The filter as the directory is asked it. Refused (`invalidFilter`): what is not searchable, and
/// comparisons that an attribute does not have. Where `is_of_several` types are asked at once, an
/// attribute that this type has not has no value (RFC 7644, 3.4.2.1). May look up a role by its
/// name. Whom a resource is linked to may be asked by who may read those; else 403.
Answered<directory::Filter> to_search_filter(const administration::Errand& errand,
                                             const ResourceType& type, const Filter& filter,
                                             bool is_of_several);

/// The path of what may be searched or sorted by, as the directory has it; nothing if it may not.
std::optional<std::string> searched_path(const ResourceType& type, const AttributePath& path);

}  // namespace wardlock::scim
