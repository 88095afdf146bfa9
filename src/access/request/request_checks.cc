#include "access/request/request_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "access/delegation/party.h"
#include "access/request/role_request_rows.h"
#include "access/request/role_request_rules.h"
#include "base/utf8.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Relation;
using directory::Thing;
using storage::Work;

std::unexpected<Error> not_now(std::string_view why) {
  return fail(ErrorCode::kFailedPrecondition, std::string(why));
}

std::unexpected<Error> not_found(std::string_view what, std::string_view id) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no {} `{}`", what, printable(id)));
}

Result<bool> has_role(Work& work, const RoleRequest& request) {
  const auto given = TRY(directory::find_relations(work, request.tenant,
                                                   {.relation = Relation::kRoleAssignment,
                                                    .subject = request.person,
                                                    .object = request.role,
                                                    .not_ended_by = request.asked_ms}));
  return std::ranges::any_of(given, [&](const directory::KeptRelation& each) {
    return each.is_valid_at(request.asked_ms) && each.scope.value_or("") == request.scope;
  });
}

bool are_alike(const RoleRequest& one, const RoleRequest& other) {
  return one.role == other.role && one.scope == other.scope && one.action == other.action &&
         one.target == other.target;
}

}  // namespace

Result<Thing> person_at_work(Work& work, std::string_view tenant, std::string_view id) {
  auto thing = TRY(directory::find_thing(work, tenant, id));
  const bool is_at_work = thing && thing->kind == Kind::kPerson && directory::is_in_force(*thing);
  if (is_at_work) return *std::move(thing);
  return fail(ErrorCode::kPermissionDenied,
              "people at work ask for roles and approvals, and answer those who do");
}

Result<Thing> given_role(Work& work, std::string_view tenant, std::string_view id) {
  auto thing = TRY(directory::find_thing(work, tenant, id));
  if (!thing || thing->kind != Kind::kRole) return not_found("role", id);
  if (directory::is_in_force(*thing)) return *std::move(thing);
  return not_now("the role is not given any more");
}

Result<Thing> action_target(Work& work, std::string_view tenant, std::string_view id) {
  auto thing = TRY(find_party(work, tenant, id));
  if (!thing) return not_found("thing", id);
  if (may_be_target(*thing)) return *std::move(thing);
  return not_now("what the action is to be done to is not there any more");
}

Result<void> check_request_scope(Work& work, std::string_view tenant, std::string_view id) {
  if (id.empty()) return {};
  const auto thing = TRY(directory::find_thing(work, tenant, id));
  const bool is_place =
      thing && (thing->kind == Kind::kLocation || thing->kind == Kind::kOrganisation);
  if (!is_place) return not_found("place", id);
  if (directory::is_in_force(*thing)) return {};
  return not_now("the place is not there any more");
}

Result<std::optional<Thing>> find_what(Work& work, const RoleRequest& request) {
  if (request.is_for_action()) return find_party(work, request.tenant, request.target);
  return directory::find_thing(work, request.tenant, request.role);
}

Result<Thing> check_what(Work& work, const RoleRequest& request) {
  if (request.is_for_action()) return action_target(work, request.tenant, request.target);
  TRY_VOID(check_request_scope(work, request.tenant, request.scope));
  return given_role(work, request.tenant, request.role);
}

Result<bool> is_owner(Work& work, std::string_view tenant, std::string_view person,
                      std::string_view what, std::int64_t now_ms) {
  const auto owners = TRY(directory::find_relations(
      work, tenant,
      {.relation = Relation::kOwner, .subject = what, .object = person, .not_ended_by = now_ms}));
  return std::ranges::any_of(
      owners, [&](const directory::KeptRelation& each) { return each.is_valid_at(now_ms); });
}

Result<std::set<std::string>> owners_of(Work& work, std::string_view tenant, std::string_view what,
                                        std::int64_t now_ms) {
  std::set<std::string> owners;
  for (const directory::KeptRelation& each : TRY(directory::find_relations(
           work, tenant,
           {.relation = Relation::kOwner, .subject = what, .not_ended_by = now_ms}))) {
    if (each.is_valid_at(now_ms)) owners.insert(each.object);
  }
  return owners;
}

Result<void> check_new_request(Work& work, const RoleRequest& request) {
  const auto live =
      TRY(find_live_requests_of(work, request.tenant, request.person, request.asked_ms));
  std::size_t open = 0;
  for (const RoleRequest& each : live) {
    const bool is_open = each.state == RoleRequestState::kOpen;
    if (is_open) ++open;
    if (!are_alike(each, request)) continue;
    if (is_open) {
      return fail(ErrorCode::kAlreadyExists,
                  "the same is asked for already: wait for the answer, or withdraw it");
    }
    if (request.is_for_action()) {
      return fail(ErrorCode::kAlreadyExists, "it is approved already");
    }
  }
  if (open >= kMostOpenRequests) {
    return not_now(
        fmt::format("{} requests of yours wait for an answer: withdraw some", kMostOpenRequests));
  }
  if (request.is_for_action() || !TRY(has_role(work, request))) return {};
  return fail(ErrorCode::kAlreadyExists, "you have this role there already");
}

}  // namespace wardlock::access
