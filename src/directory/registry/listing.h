#pragma once

#include <boost/json/storage_ptr.hpp>
#include <string_view>

#include "directory/registry/query.h"
#include "storage/work.h"

namespace wardlock::directory {

/// A page of the things of a kind that the tenant has. Errors: kInvalidArgument, a path that is not
/// searchable, a filter that is too large, or a cursor that is none of this list's.
/// `memory`: of the documents, see Registry::list.
Result<Page> list_things(storage::Work& work, std::string_view tenant, Kind kind,
                         const Query& query, std::int64_t now,
                         const boost::json::storage_ptr& memory);

}  // namespace wardlock::directory
