#include "api/delegation/endpoints.h"

#include <array>

#include "api/delegation/call.h"
#include "api/delegation/delegations.h"
#include "api/delegation/openapi.h"
#include "call/answer.h"
#include "call/operation.h"

namespace wardlock::delegation_api {
namespace {

Result<void> describe(const DelegationCall& /*call*/, net::HttpResponse& response) {
  call::write_description(kOpenApi, response);
  return {};
}

// Requests are answered by this table alone.
constexpr auto kOperations = std::to_array<call::Operation<DelegationCall>>({
    {"GET", "openapi.json", &describe},
    {"POST", "delegations", &make_delegation},
    {"GET", "delegations", &list_delegations},
    {"GET", "delegations/mine", &list_own_delegations},
    {"GET", "delegations/{id}", &show_delegation},
    {"POST", "delegations/{id}/revoke", &revoke_delegation},
});

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  if (errand.delegations == nullptr) {
    return net::write_problem(404, "nobody delegates here: there is no directory", response);
  }
  const DelegationCall call{.request = request, .errand = errand, .desk = *errand.delegations};
  call::answer_by(kOperations, request, kPrefix, call, response);
}

}  // namespace wardlock::delegation_api
