#include "access/request/request_record.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "access/delegation/party.h"
#include "access/request/role_request_rules.h"
#include "codec/json.h"
#include "crypto/sha256.h"
#include "directory/feed/open_grants.h"
#include "directory/registry/told_event.h"

namespace wardlock::access {
namespace {

/// What the change feed calls a request for a role; one for an action is an approval, or might
/// become one.
constexpr std::string_view kRequestEntry = "roleRequest";

/// What is asked for, and nothing that becomes of it.
boost::json::object asked_in(const RoleRequest& request) {
  if (request.is_for_action()) {
    return {{"person", request.person}, {"action", request.action}, {"target", request.target}};
  }
  return {{"person", request.person}, {"role", request.role}, {"scope", request.scope}};
}

std::string_view deed_of(const RoleRequest& request) {
  const bool is_for_action = request.is_for_action();
  switch (request.state) {
    case RoleRequestState::kOpen: return is_for_action ? "request_action" : "request_role";
    case RoleRequestState::kGranted:
      return is_for_action ? "approve_action_request" : "approve_role_request";
    case RoleRequestState::kRefused:
      return is_for_action ? "refuse_action_request" : "refuse_role_request";
    case RoleRequestState::kWithdrawn:
      return is_for_action ? "withdraw_action_request" : "withdraw_role_request";
    default: return is_for_action ? "end_action_request" : "end_role_request";
  }
}

std::string entry_of(const RoleRequest& request) {
  boost::json::object entry = asked_in(request);
  entry["state"] = to_string(request.state);
  if (!request.is_for_action()) entry["relation"] = request.relation;
  return codec::to_json_text(entry);
}

std::string terms_of(const RoleRequest& request) {
  const std::string what = request.is_for_action()
                               ? fmt::format("{} on {}", request.action, request.target)
                               : fmt::format("role {}{}{}", request.role,
                                             request.scope.empty() ? "" : " at ", request.scope);
  return fmt::format("{} for {} minutes{}{}", what, request.lasts_ms / kRequestMinute,
                     request.ticket.empty() ? "" : ", ticket ", request.ticket);
}

}  // namespace

std::string signed_content(const RoleRequest& request, std::string_view meaning) {
  boost::json::object content{{"request", request.id}};
  const boost::json::object asked = asked_in(request);
  content.insert(asked.begin(), asked.end());
  content["lasts"] = request.lasts_ms;
  content["reason"] = request.reason;
  content["ticket"] = request.ticket;
  content["meaning"] = meaning;
  content["words"] = request.words;
  return "sha256:" + crypto::to_hex(crypto::sha256(codec::to_json_text(content)));
}

Result<void> record_request(directory::Edit& edit, const RoleRequest& request, bool is_signed) {
  const std::string terms = terms_of(request);
  const authn::Signature& signature = request.signature;
  const std::vector<std::string_view> methods(signature.methods.begin(), signature.methods.end());
  event::Event event{.kind = event::Kind::kRoleChange};
  event.action = deed_of(request);
  event.grant = request.id;
  event.grant_expires_at = request.ends_ms;
  event.cause = to_string(request.state);
  event.changed = request.is_for_action() ? "action request" : "role request";
  event.value_after = terms;
  if (is_signed) {
    event.session = signature.session;
    event.authentication_level = signature.level;
    event.authentication_methods = methods;
    event.authentication_time = signature.authenticated_ms;
    event.changed = signature.content;
  }
  directory::name_in(event, directory::Kind::kPerson, request.person);
  std::optional<directory::Thing> target;  // the event borrows its id
  if (request.is_for_action()) {
    target = TRY(find_party(edit.work(), request.tenant, request.target));
    if (target) directory::name_in(event, target->kind, target->id);
  }
  const bool is_new = request.state == RoleRequestState::kOpen;
  return edit.tell_beside({is_new ? directory::What::kCreated : directory::What::kChanged,
                           request.is_for_action() ? directory::kOpenApprovalEntry : kRequestEntry,
                           request.id, entry_of(request)},
                          event);
}

}  // namespace wardlock::access
