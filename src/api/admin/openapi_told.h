#pragma once

#include <boost/json/object.hpp>

namespace wardlock::admin {

/// The schemas of what sources tell.
void add_told_schemas(boost::json::object& out);

}  // namespace wardlock::admin
