#include "pdp/override.h"

#include <algorithm>
#include <array>
#include <memory_resource>
#include <vector>

namespace wardlock::pdp {

bool covers(const Grant& grant, const Question& question) {
  const cedar::Request& request = question.request;
  const auto is_in = [&](const cedar::EntityUid& uid, const cedar::EntityUid& group) {
    if (uid == group) return true;
    const cedar::Entity* entity = question.entities.find(uid);
    return entity != nullptr && question.entities.has_ancestor(*entity, group);
  };
  return *grant.principal == *request.principal && is_in(*request.resource, *grant.target) &&
         std::ranges::any_of(grant.actions,
                             [&](const cedar::Value& action) {
                               return is_in(*request.action, action.as_entity());
                             }) &&
         grant.opens_at <= question.now && question.now < grant.expires_at;
}

cedar::Value with_override(const cedar::Value& context, const Grant& grant, Arena& arena) {
  std::array<cedar::Field, 3> override_fields = {{
      {"expiresAt", cedar::Value::datetime(grant.expires_at)},
      {"id", cedar::Value::string(grant.id)},
      {"reason", cedar::Value::string(grant.reason)},
  }};
  const auto present = context.as_record();
  std::pmr::vector<cedar::Field> fields(arena.resource());
  fields.reserve(present.size() + 1);
  fields.assign(present.begin(), present.end());
  fields.push_back({"override", cedar::make_record(arena, override_fields)});
  return cedar::make_record(arena, fields);
}

cedar::Request with_override(const cedar::Request& request, const Grant& grant, Arena& arena) {
  cedar::Request out = request;
  out.context = with_override(request.context, grant, arena);
  return out;
}

Grant hypothetical_grant(const Question& question, Arena& arena) {
  constexpr std::int64_t kHour = 3'600'000;
  Grant grant;
  grant.principal = question.request.principal;
  grant.target = question.request.resource;
  const std::array actions = {cedar::Value::entity(question.request.action)};
  grant.actions = arena.copy(actions);
  grant.opens_at = question.now;
  grant.expires_at = question.now + kHour;
  return grant;
}

}  // namespace wardlock::pdp
