#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "cedar/evaluator/step_budget.h"
#include "net/http.h"
#include "pdp/caller.h"
#include "pdp/canary.h"
#include "pdp/observer.h"
#include "pdp/snapshot.h"

namespace wardlock::forward {

/// What one request is answered from, besides itself. Borrows for the call.
struct Surroundings {
  const pdp::Snapshot& snapshot;
  const pdp::Caller& caller;
  Arena& arena;                                  ///< what the answer needs on its way
  std::int64_t now = 0;                          ///< milliseconds since the epoch
  std::string_view (*new_id)(Arena&) = nullptr;  ///< makes a decision's id
  /// How much work deciding one question may be.
  std::uint64_t max_steps = cedar::StepBudget::kDefault;
  pdp::Observer* observer = nullptr;  ///< null: nobody limits or counts
  /// Whose token came with the request; null: none did.
  const pdp::VerifiedPrincipal* verified = nullptr;
  /// What decides a part of the questions; null: the snapshot decides all.
  const pdp::Canary* canary = nullptr;
};

/// Where it is asked, below a tenant's base path.
inline constexpr std::string_view kPath = "/forward-auth";

/// Answers a reverse proxy that asks before it passes a request on (nginx `auth_request`, Traefik
/// ForwardAuth). The question is in the fields `X-Subject-Type`, `X-Subject-Id`, `X-Action`,
/// `X-Resource-Type` and `X-Resource-Id`: each exactly once, taken as it is, without decoding. Any
/// method, no body.
///   204  allowed
///   403  denied; or, without `X-Decision-Id`, beyond what the proxy may ask
///   400  malformed, or not a question that can be decided
/// 204 and a deny have `X-Decision-Id` and `X-Decision-Cause`; errors are RFC 9457 problems. A
/// proxy cannot fulfil obligations, so none are supported, nor does it break glass. The response
/// comes as new. Pure, and thread-safe with an arena and a response for each call.
void answer(const net::HttpRequest& request, const Surroundings& surroundings,
            net::HttpResponse& response);

}  // namespace wardlock::forward
