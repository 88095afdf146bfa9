#include "api/request/role_requests.h"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/request/request_json.h"
#include "api/request/wishes.h"
#include "call/answer.h"
#include "call/members.h"
#include "directory/feed/feed.h"

namespace wardlock::request_api {
namespace {

using access::ChangedRoleRequest;
using access::RoleRequest;
using access::RoleRequestState;
using administration::Deed;
using boost::json::object;
using call::parameter_of;
using call::read_members;
using call::text_in;
using directory::Kind;
using directory::Thing;

constexpr std::size_t kMostListed = 100;

/// INVARIANT: whoever is told that a role or an approval is there, or over, is decided about
/// accordingly by this node from then on; also who could not end it since it is over.
Result<void> write_changed(const RequestCall& call, Result<ChangedRoleRequest> made,
                           net::HttpResponse& response) {
  const ChangedRoleRequest changed = TRY(administration::made_in_sight(
      call.errand.glass_view, call.errand.registry, call.id, std::move(made)));
  const RoleRequest& request = changed.request;
  const bool is_approval = request.is_for_action() && request.state == RoleRequestState::kGranted;
  std::function<Result<void>()> withdraw;
  if (is_approval) {
    withdraw = [&]() -> Result<void> {
      TRY_VOID(call.desk.lapse(call.errand.mandate, request.id));
      return {};
    };
  }
  if (request.ends_ms) {
    TRY_VOID(administration::await_sight(call.errand.glass_view, request.id, changed.revision,
                                         withdraw, "nothing was approved: it would allow nothing"));
  }
  response.headers.add(administration::kRevisionHeader, std::to_string(changed.revision));
  call::write_json(TRY(shown(call, request)), response);
  return {};
}

/// What the policies say of an action. Error: nobody decides by the directory here.
Result<directory::SeenAction> seen_action(const RequestCall& call, std::string_view name) {
  if (call.errand.glass_view != nullptr) return call.errand.glass_view->action(name);
  return fail(ErrorCode::kFailedPrecondition, "no policies look at approvals here");
}

/// `gives`: it is approved. Where it is not, an action that policies know no more can be refused
/// and ended, too.
access::MayAnswer gate_of(const RequestCall& call, bool gives) {
  return [&call, gives](const access::AnsweredRequest& answered) -> Result<void> {
    administration::Gate& gate = call.errand.gate;
    const RoleRequest& request = answered.request;
    if (!request.is_for_action()) {
      return gate.check_answer(answered.person, answered.what, answered.by_owner, gives);
    }
    const auto seen = seen_action(call, request.action);
    if (!seen && gives) return std::unexpected(seen.error());
    return gate.check_approval(answered.person, answered.what,
                               {.action = request.action,
                                .action_class = seen ? seen->action_class : std::string_view(),
                                .by_owner = answered.by_owner});
  };
}

Result<access::RoleAnswer> answer_in(const RequestCall& call) {
  const object members = TRY(read_members(call.request, {"words"}));
  std::string words = TRY(text_in(members, "words"));
  const auto sign_in = TRY(administration::signed_in(call.errand.sign_in, "requests are answered"));
  return access::RoleAnswer{.words = std::move(words),
                            .signature = administration::blank_signature(sign_in)};
}

/// Whoever may not see it is told as little as if it were not there.
Result<void> check_request_sight(const RequestCall& call, const RoleRequest& request) {
  if (request.person == call.asker() || request.signature.person == call.asker()) return {};
  if (TRY(call.desk.owns(call.tenant(), call.asker(), request.what()))) return {};
  const Thing person = TRY(call.errand.registry.find(call.tenant(), request.person));
  if (call.errand.gate.check(Deed::kReadRequests, person)) return {};
  return fail(ErrorCode::kNotFound, "there is no such request that you may see");
}

}  // namespace

Result<void> ask_for_right(const RequestCall& call, net::HttpResponse& response) {
  const object members =
      TRY(read_members(call.request, {"role", "action", "device", "patient", "location",
                                      "organisation", "minutes", "reason", "ticket"}));
  // Who may not is not told which roles, places and things there are.
  const Thing self = TRY(call.errand.registry.find(call.tenant(), call.asker()));
  const bool is_for_action = members.contains("action");
  TRY_VOID(
      call.errand.gate.check(is_for_action ? Deed::kRequestApproval : Deed::kRequestRole, self));
  ChangedRoleRequest asked;
  if (is_for_action) {
    const access::ActionWish wish = TRY(action_wish_in(call, members));
    const directory::SeenAction action = TRY(seen_action(call, wish.action));
    if (!action.takes_approval) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("policies look at no approval of `{}`", wish.action));
    }
    asked = TRY(call.desk.ask(call.errand.mandate, wish));
  } else {
    const access::RoleWish wish = TRY(role_wish_in(call, members));
    asked = TRY(call.desk.ask(call.errand.mandate, wish));
  }
  response.status = 201;
  return write_changed(call, asked, response);
}

Result<void> approve_request(const RequestCall& call, net::HttpResponse& response) {
  const access::RoleAnswer answer = TRY(answer_in(call));
  return write_changed(
      call, call.desk.approve(call.errand.mandate, call.id, answer, gate_of(call, true)), response);
}

Result<void> refuse_request(const RequestCall& call, net::HttpResponse& response) {
  const access::RoleAnswer answer = TRY(answer_in(call));
  return write_changed(
      call, call.desk.refuse(call.errand.mandate, call.id, answer, gate_of(call, false)), response);
}

Result<void> withdraw_request(const RequestCall& call, net::HttpResponse& response) {
  TRY(read_members(call.request, {}));
  return write_changed(call, call.desk.withdraw(call.errand.mandate, call.id), response);
}

/// To give back asks for no proof.
Result<void> end_requested(const RequestCall& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"words"}));
  const std::string words = TRY(text_in(members, "words"));
  TRY_VOID(access::check_answer_words(words, false));
  directory::Mandate mandate = call.errand.mandate;
  if (!words.empty()) mandate.reason = words;
  return write_changed(call, call.desk.end(mandate, call.id, gate_of(call, false)), response);
}

Result<void> list_own_requests(const RequestCall& call, net::HttpResponse& response) {
  const auto own = TRY(call.desk.of_person(call.tenant(), call.asker(),
                                           parameter_of(call.request, "before"), kMostListed));
  return write_list(call, own, own.size() < kMostListed ? std::string_view() : own.back().id,
                    response);
}

Result<void> list_to_answer(const RequestCall& call, net::HttpResponse& response) {
  const auto open = TRY(call.desk.live(call.tenant(), RoleRequestState::kOpen,
                                       parameter_of(call.request, "after"), kMostListed));
  const bool may_roles = call.errand.gate.check(Deed::kAnswerRequest, Kind::kPerson).has_value();
  const bool may_actions = call.errand.gate.check(Deed::kAnswerApproval, Kind::kPerson).has_value();
  std::vector<RoleRequest> theirs;
  for (const RoleRequest& each : open) {
    if (each.person == call.asker()) continue;
    const bool may_all = each.is_for_action() ? may_actions : may_roles;
    const bool is_theirs = may_all || TRY(call.desk.owns(call.tenant(), call.asker(), each.what()));
    if (is_theirs) theirs.push_back(each);
  }
  return write_list(call, theirs, open.size() < kMostListed ? std::string_view() : open.back().id,
                    response);
}

Result<void> list_standing(const RequestCall& call, net::HttpResponse& response) {
  TRY_VOID(call.errand.gate.check(Deed::kReadRequests, Kind::kPerson));
  const auto standing = TRY(call.desk.live(call.tenant(), RoleRequestState::kGranted,
                                           parameter_of(call.request, "after"), kMostListed));
  return write_list(call, standing,
                    standing.size() < kMostListed ? std::string_view() : standing.back().id,
                    response);
}

Result<void> show_request(const RequestCall& call, net::HttpResponse& response) {
  const RoleRequest request = TRY(call.desk.find(call.tenant(), call.id));
  TRY_VOID(check_request_sight(call, request));
  call::write_json(TRY(shown(call, request)), response);
  return {};
}

}  // namespace wardlock::request_api
