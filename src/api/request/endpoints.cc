#include "api/request/endpoints.h"

#include <array>

#include "api/request/call.h"
#include "api/request/openapi.h"
#include "api/request/role_requests.h"
#include "call/answer.h"
#include "call/operation.h"

namespace wardlock::request_api {
namespace {

Result<void> describe(const RequestCall& /*call*/, net::HttpResponse& response) {
  call::write_description(kOpenApi, response);
  return {};
}

// Requests are answered by this table alone.
constexpr auto kOperations = std::to_array<call::Operation<RequestCall>>({
    {"GET", "openapi.json", &describe},
    {"POST", "requests", &ask_for_right},
    {"GET", "requests/mine", &list_own_requests},
    {"GET", "requests/to-answer", &list_to_answer},
    {"GET", "requests/standing", &list_standing},
    {"GET", "requests/{id}", &show_request},
    {"POST", "requests/{id}/approve", &approve_request},
    {"POST", "requests/{id}/refuse", &refuse_request},
    {"POST", "requests/{id}/withdraw", &withdraw_request},
    {"POST", "requests/{id}/end", &end_requested},
});

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  if (errand.role_requests == nullptr) {
    return net::write_problem(404, "nobody asks for roles here: there is no directory", response);
  }
  const RequestCall call{.request = request, .errand = errand, .desk = *errand.role_requests};
  call::answer_by(kOperations, request, kPrefix, call, response);
}

}  // namespace wardlock::request_api
