#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "administration/gate.h"

namespace wardlock::administration {

// How deeds are asked: the types of policies/wardlock/wardlock.cedarschema.

inline constexpr std::string_view kThingType = "Wardlock::Thing";
inline constexpr std::string_view kKindType = "Wardlock::Kind";
inline constexpr std::string_view kClientType = "Wardlock::Client";
/// The id of all clients, or of one that is not there yet.
inline constexpr std::string_view kAnyClient = "any";

/// What `kind` is of whoever did not say who they are, and their id.
inline constexpr std::string_view kAnybodyKind = "anybody";

/// The roles as values of `Set<Wardlock::Role>`.
boost::json::array role_values(std::span<const std::string> roles);

/// `context` of a deed, besides what every question has: empty but for those of relations and
/// states.
boost::json::object relation_context(std::string_view relation, boost::json::array grants);
boost::json::object state_context(std::string_view next);
/// One that the deed may have.
boost::json::object sample_context(Deed deed);

}  // namespace wardlock::administration
