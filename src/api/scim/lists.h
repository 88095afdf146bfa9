#pragma once

#include <string>

#include "administration/errand.h"
#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "api/scim/search_request.h"

namespace wardlock::scim {

/// The ListResponse (RFC 7644, 3.4.2) of resources of one type, as text.
Answered<std::string> list_of_type(const administration::Errand& errand, const ResourceType& type,
                                   const SearchRequest& request);

/// The same of all types, one after the other, that who asks may read. Not in an order of theirs.
Answered<std::string> list_of_all(const administration::Errand& errand,
                                  const SearchRequest& request);

/// Of what is there already.
codec::Json list_of(boost::json::array resources);

}  // namespace wardlock::scim
