#include "administration/question.h"

#include <set>
#include <string>

namespace wardlock::administration {

boost::json::array role_values(std::span<const std::string> roles) {
  boost::json::array values;
  for (const std::string& role : roles) {
    values.push_back(boost::json::object{{"type", "Wardlock::Role"}, {"id", role}});
  }
  return values;
}

boost::json::object relation_context(std::string_view relation, boost::json::array grants) {
  return {{"relation", relation}, {"grants", std::move(grants)}};
}

boost::json::object answer_context(bool by_owner, boost::json::array grants) {
  return {{"byOwner", by_owner}, {"grants", std::move(grants)}};
}

boost::json::object approval_context(const ApprovalStanding& approval) {
  return {{"byOwner", approval.by_owner},
          {"actionName", approval.action},
          {"actionClass", approval.action_class}};
}

boost::json::object state_context(std::string_view next) { return {{"to", next}}; }

boost::json::object sample_context(Deed deed) {
  switch (deed) {
    case Deed::kRelate:
    case Deed::kEndRelation: return relation_context("roleAssignment", {});
    case Deed::kAnswerRequest: return answer_context(false, {});
    case Deed::kAnswerApproval: return approval_context({.action = {}});
    case Deed::kSetState: return state_context("suspended");
    default: return {};
  }
}

boost::json::object policy_context(PolicyDeed deed, std::string_view meaning) {
  if (deed != PolicyDeed::kApprove) return {};
  return {{"meaning", meaning}};
}

boost::json::object change_values(const pap::ChangeReach& reach, bool by_program) {
  const auto texts = [](const std::set<std::string>& words) {
    return boost::json::array(words.begin(), words.end());
  };
  return {{"actions", texts(reach.actions)}, {"resourceTypes", texts(reach.resource_types)},
          {"classes", texts(reach.classes)}, {"concerns", texts(reach.concerns)},
          {"files", texts(reach.files)},     {"isByProgram", by_program}};
}

}  // namespace wardlock::administration
