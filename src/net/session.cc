#include "net/session.h"

#include <utility>

#include "base/wall_clock.h"
#include "net/tls_certificate.h"

namespace wardlock::net {

HttpResponse& SessionContext::answer(HttpRequest& request,
                                     std::shared_ptr<Unfinished>& unfinished) {
  request.unfinished = std::move(unfinished);
  request.remote_address = remote_address;
  request.is_secure = is_secure;
  const bool is_known = peer_certificate && wall_clock_ms() < peer_certificate->expires_at;
  request.peer_certificate = is_known ? &*peer_certificate : nullptr;
  response.clear();
  try {
    handler(request, response);
  } catch (...) {
    response.clear();
    write_problem(500, "the request could not be answered", response);
  }
  request.unfinished = nullptr;
  unfinished = std::move(response.unfinished);
  awaited.add(response.tickets);
  return response;
}

HttpResponse& SessionContext::refuse(const Refusal& refusal) const {
  counters.count_refusal(refusal.status);
  if (refusal.status == 408) counters.timeouts.add();
  response.clear();
  write_problem(refusal.status, refusal.detail, response);
  return response;
}

}  // namespace wardlock::net
