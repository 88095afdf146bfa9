#include "api/consent/endpoints.h"

#include <array>
#include <string>
#include <utility>

#include "api/consent/consents.h"
#include "api/consent/fhir_answer.h"
#include "call/operation.h"

namespace wardlock::consent_api {
namespace {

constexpr auto kOperations = std::to_array<call::Operation<ConsentCall>>({
    {"GET", "metadata", &describe},
    {"POST", "Consent", &enter_consent},
    {"GET", "Consent", &search_consents},
    {"GET", "Consent/{id}", &show_consent},
    {"PUT", "Consent/{id}", &replace_consent},
    {"DELETE", "Consent/{id}", &withdraw_consent},
    {"GET", "Consent/{id}/_history", &list_versions},
});

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  if (errand.consents == nullptr) {
    return refuse(404, "nobody consents here: there is no directory", response);
  }
  call::Route route(request, kPrefix);
  for (const auto& operation : kOperations) {
    if (!route.leads_to(operation.method, operation.path)) continue;
    const auto answered = operation.answer(
        {.request = request, .errand = errand, .desk = *errand.consents, .id = route.id()},
        response);
    if (!answered) refuse(answered.error(), response);
    return;
  }
  net::HttpResponse refused;
  route.refuse(refused);
  const bool is_there = refused.status != 404;
  refuse(refused.status, is_there ? "it is asked with other methods" : "there is nothing here",
         response);
  if (!is_there) return;
  for (const auto& [name, value] : refused.headers) {
    if (name == "Allow") response.headers.add(name, value);
  }
}

}  // namespace wardlock::consent_api
