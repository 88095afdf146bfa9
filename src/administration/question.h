#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>

#include "administration/gate.h"
#include "pap/change_reach.h"

namespace wardlock::administration {

// How deeds are asked: the types of policies/wardlock/wardlock.cedarschema.

inline constexpr std::string_view kThingType = "Wardlock::Thing";
inline constexpr std::string_view kKindType = "Wardlock::Kind";
inline constexpr std::string_view kClientType = "Wardlock::Client";
inline constexpr std::string_view kPolicySetType = "Wardlock::PolicySet";
inline constexpr std::string_view kApprovalType = "Wardlock::Approval";
inline constexpr std::string_view kPolicyChangeType = "Wardlock::PolicyChange";
inline constexpr std::string_view kSourceType = "Wardlock::Source";
inline constexpr std::string_view kTellAttributes = "tellAttributes";
inline constexpr std::string_view kNeedApproval = "needApproval";
/// The id of all clients, or of one that is not there yet.
inline constexpr std::string_view kAnyClient = "any";

/// What `kind` is of whoever did not say who they are, and their id.
inline constexpr std::string_view kAnybodyKind = "anybody";

/// The roles as values of `Set<Wardlock::Role>`.
boost::json::array role_values(std::span<const std::string> roles);

/// `context` of a deed, besides what every question has: empty but for those of relations and
/// states.
boost::json::object relation_context(std::string_view relation, boost::json::array grants);
/// Of the answer to a request for a role; `grants`: the roles of administration that it would give.
boost::json::object answer_context(bool by_owner, boost::json::array grants);
/// Of the answer to whether somebody may do an action.
boost::json::object approval_context(const ApprovalStanding& approval);
boost::json::object state_context(std::string_view next);
/// One that the deed may have.
boost::json::object sample_context(Deed deed);

/// What a policy deed has besides: the meaning of a signature.
boost::json::object policy_context(PolicyDeed deed, std::string_view meaning);
/// The attributes of a `Wardlock::PolicyChange`.
boost::json::object change_values(const pap::ChangeReach& reach, bool by_program);

}  // namespace wardlock::administration
