#include "api/forward/forward_auth.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/identifier.h"
#include "base/utf8.h"
#include "pdp/access.h"

namespace wardlock::forward {
namespace {

using net::HttpRequest;
using net::HttpResponse;

/// The one field of that name. Two would leave open which of them the proxy wrote and which its
/// client.
Result<std::string_view> identifier(const HttpRequest& request, std::string_view name) {
  std::optional<std::string_view> found;
  for (const net::HttpHeader& header : request.headers) {
    if (!net::equal_ignoring_case(header.name, name)) continue;
    if (found) return invalid(fmt::format("`{}` comes more than once", name));
    found = header.value;
  }
  if (!found) return invalid(fmt::format("`{}` is missing", name));
  if (found->empty()) return invalid(fmt::format("`{}` is empty", name));
  if (find_invalid_utf8(*found)) return invalid(fmt::format("`{}` is not UTF-8 text", name));
  if (const auto fault = find_identifier_fault(*found)) {
    return invalid(fmt::format("`{}` {}", name, *fault));
  }
  return *found;
}

/// On an error `access` has what was read before.
Result<void> read_question(const HttpRequest& request, pdp::AccessRequest& access) {
  if (!request.body.empty()) {
    return invalid("send no body; with nginx, `proxy_pass_request_body off`");
  }
  access.principal.type = TRY(identifier(request, "X-Subject-Type"));
  access.principal.id = TRY(identifier(request, "X-Subject-Id"));
  access.action = TRY(identifier(request, "X-Action"));
  access.resource.type = TRY(identifier(request, "X-Resource-Type"));
  access.resource.id = TRY(identifier(request, "X-Resource-Id"));
  return {};
}

Result<pdp::AccessDecision> decide(const HttpRequest& request, pdp::AccessRequest& access,
                                   const Surroundings& surroundings) {
  TRY_VOID(read_question(request, access));
  const pdp::Snapshot& by =
      pdp::deciding(surroundings.snapshot, surroundings.canary, access, surroundings.arena);
  return pdp::decide(by, access, surroundings.now, surroundings.arena);
}

Result<pdp::AccessDecision> answer_question(const HttpRequest& request,
                                            const Surroundings& surroundings, std::string_view id) {
  pdp::Observer* observer = surroundings.observer;
  if (observer != nullptr) TRY_VOID(observer->admit(1));
  pdp::AccessRequest access;
  access.caller = &surroundings.caller;
  access.max_steps = surroundings.max_steps;
  access.verified = surroundings.verified;
  access.is_recorded = pdp::is_recording(observer);
  const pdp::AccessDecision decision =
      TRY(pdp::tell_refusal(decide(request, access, surroundings), access, observer));
  if (observer != nullptr) TRY_VOID(observer->decided(access, decision, id));
  return decision;
}

}  // namespace

void answer(const HttpRequest& request, const Surroundings& surroundings, HttpResponse& response) {
  const std::string_view id = surroundings.new_id(surroundings.arena);
  const auto decision = answer_question(request, surroundings, id);
  if (!decision) {
    const Error& error = decision.error();
    return net::write_problem(net::http_status(error.code), error.message, response);
  }
  if (decision->is_allowed) {
    response.status = 204;
  } else {
    net::write_problem(403, "access denied", response);
  }
  response.headers.add("X-Decision-Id", id);
  response.headers.add("X-Decision-Cause", to_string(decision->cause));
  response.headers.add("Cache-Control", "no-store");
}

}  // namespace wardlock::forward
