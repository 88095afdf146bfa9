#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cedar/schema/schema.h"
#include "cedar/validator/inferred_type.h"

namespace wardlock::cedar {

/// `did you mean …?` with the nearest of the names, or nothing. Long names and long lists are not
/// searched: this is a courtesy.
std::string nearest_help(std::string_view name, const std::vector<std::string>& names);

std::vector<std::string> attribute_names(const InferredType& type, const Schema& schema);

/// Suggests a declared type: one whose name is near, or the same but for its namespace.
std::string nearest_type_help(std::string_view type, const Schema& schema);
/// Suggests a declared action: one that reads nearly the same, or has the id in another namespace.
std::string nearest_action_help(const EntityUid& action, const Schema& schema);

/// The name as it stands behind `has`: in quotes unless it is an identifier.
std::string attribute_text(std::string_view name);

}  // namespace wardlock::cedar
