#pragma once

#include <boost/json/object.hpp>

namespace wardlock::admin {

/// The schemas of where people are signed in, and of how they are let in again.
void add_sign_in_schemas(boost::json::object& out);

}  // namespace wardlock::admin
