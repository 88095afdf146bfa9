#include "administration/question.h"

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

boost::json::object state_context(std::string_view next) { return {{"to", next}}; }

boost::json::object sample_context(Deed deed) {
  switch (deed) {
    case Deed::kRelate:
    case Deed::kEndRelation: return relation_context("roleAssignment", {});
    case Deed::kSetState: return state_context("suspended");
    default: return {};
  }
}

}  // namespace wardlock::administration
