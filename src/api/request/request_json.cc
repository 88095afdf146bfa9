#include "api/request/request_json.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "access/request/role_request_rules.h"
#include "call/answer.h"
#include "directory/model/moment.h"

namespace wardlock::request_api {
namespace {

using access::RoleRequest;
using boost::json::object;
using directory::Thing;
using directory::to_time_text;

/// What people call it; empty: it has no name, or is not there any more.
std::string name_of(const std::vector<Thing>& things, std::string_view id) {
  const auto found = std::ranges::find(things, id, &Thing::id);
  if (found == things.end()) return {};
  for (const std::string_view attribute :
       {"displayName", "userName", "code", "serialNumber", "recordNumber"}) {
    const codec::Json* const value = found->document.json().if_contains(attribute);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
  }
  return {};
}

/// Empty: it is not there any more.
std::string_view kind_of(const std::vector<Thing>& things, std::string_view id) {
  const auto found = std::ranges::find(things, id, &Thing::id);
  return found == things.end() ? std::string_view() : to_string(found->kind);
}

object to_json(const authn::Signature& signature) {
  return {{"person", signature.person},
          {"name", signature.printed_name},
          {"meaning", signature.meaning},
          {"content", signature.content},
          {"level", signature.level},
          {"methods", call::array_of(signature.methods)},
          {"authenticatedAt", to_time_text(signature.authenticated_ms)},
          {"signedAt", to_time_text(signature.signed_ms)}};
}

object to_json(const RoleRequest& request, const std::vector<Thing>& things, std::int64_t now_ms) {
  object out{{"id", request.id},
             {"state", to_string(request.state_at(now_ms))},
             {"person", request.person},
             {"minutes", request.lasts_ms / access::kRequestMinute},
             {"reason", request.reason},
             {"askedAt", to_time_text(request.asked_ms)},
             {"answerBy", to_time_text(request.due_ms)}};
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) out[name] = text;
  };
  add("personName", name_of(things, request.person));
  add("action", request.action);
  add("target", request.target);
  add("targetKind", kind_of(things, request.target));
  add("targetName", name_of(things, request.target));
  add("role", request.role);
  add("roleName", name_of(things, request.role));
  add("place", request.scope);
  add("placeName", name_of(things, request.scope));
  add("ticket", request.ticket);
  add("words", request.words);
  add("relation", request.relation);
  if (request.ends_ms) out["endsAt"] = to_time_text(*request.ends_ms);
  if (!request.signature.person.empty()) out["signature"] = to_json(request.signature);
  if (request.closed_ms) out["closedAt"] = to_time_text(*request.closed_ms);
  add("closedBy", request.closed_by);
  return out;
}

Result<std::vector<Thing>> things_of(const RequestCall& call,
                                     const std::vector<RoleRequest>& requests) {
  std::vector<std::string> ids;
  for (const RoleRequest& each : requests) {
    for (const std::string* id : {&each.person, &each.role, &each.scope, &each.target}) {
      if (!id->empty()) ids.push_back(*id);
    }
  }
  std::ranges::sort(ids);
  const auto [last, end] = std::ranges::unique(ids);
  ids.erase(last, end);
  return call.errand.registry.find_all(call.tenant(), ids);
}

}  // namespace

Result<object> shown(const RequestCall& call, const RoleRequest& request) {
  return to_json(request, TRY(things_of(call, {request})), call.errand.now);
}

Result<void> write_list(const RequestCall& call, const std::vector<RoleRequest>& requests,
                        std::string_view next, net::HttpResponse& response) {
  const auto things = TRY(things_of(call, requests));
  boost::json::array items;
  for (const RoleRequest& each : requests) items.push_back(to_json(each, things, call.errand.now));
  call::write_items(std::move(items), next, response);
  return {};
}

}  // namespace wardlock::request_api
