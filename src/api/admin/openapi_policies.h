#pragma once

#include <boost/json/object.hpp>

namespace wardlock::admin {

/// The schemas of policies that are in force, and of changes that are proposed.
void add_policy_schemas(boost::json::object& out);

}  // namespace wardlock::admin
