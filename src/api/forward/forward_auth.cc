#include "api/forward/forward_auth.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/identifier.h"
#include "base/utf8.h"
#include "net/loopback_guard.h"
#include "pdp/access.h"

namespace wardlock::forward {
namespace {

using net::HttpRequest;
using net::HttpResponse;

/// What most decisions need.
constexpr std::size_t kUsualBytes = 8 << 10;

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

Result<pdp::AccessRequest> read_question(const HttpRequest& request, const pdp::Caller& caller) {
  if (!request.body.empty()) {
    return invalid("send no body; with nginx, `proxy_pass_request_body off`");
  }
  pdp::AccessRequest access;
  access.caller = &caller;
  access.principal.type = TRY(identifier(request, "X-Subject-Type"));
  access.principal.id = TRY(identifier(request, "X-Subject-Id"));
  access.action = TRY(identifier(request, "X-Action"));
  access.resource.type = TRY(identifier(request, "X-Resource-Type"));
  access.resource.id = TRY(identifier(request, "X-Resource-Id"));
  return access;
}

Result<pdp::AccessDecision> decide(const HttpRequest& request, const Surroundings& surroundings,
                                   Arena& arena) {
  const pdp::AccessRequest access = TRY(read_question(request, surroundings.caller));
  pdp::Observer* observer = surroundings.observer;
  if (observer != nullptr) TRY_VOID(observer->admit(1));
  const pdp::AccessDecision decision =
      TRY(pdp::decide(surroundings.snapshot, access, surroundings.now, arena));
  if (observer != nullptr) observer->decided(decision);
  return decision;
}

}  // namespace

HttpResponse answer(const HttpRequest& request, const Surroundings& surroundings) {
  if (!request.is_secure) {
    if (const auto refusal = net::refuse_foreign_host(request, surroundings.allowed_hosts)) {
      return net::problem(refusal->status, refusal->detail);
    }
  }
  Arena arena(kUsualBytes);
  const auto decision = decide(request, surroundings, arena);
  if (!decision) {
    return net::problem(net::http_status(decision.error().code), decision.error().message);
  }
  HttpResponse response;
  if (decision->is_allowed) {
    response.status = 204;
  } else {
    response = net::problem(403, "access denied");
  }
  response.headers = {{"X-Decision-Id", surroundings.new_id()},
                      {"X-Decision-Cause", std::string(to_string(decision->cause))},
                      {"Cache-Control", "no-store"}};
  return response;
}

}  // namespace wardlock::forward
