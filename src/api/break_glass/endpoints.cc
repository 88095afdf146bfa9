#include "api/break_glass/endpoints.h"

#include <array>

#include "api/break_glass/call.h"
#include "api/break_glass/grants.h"
#include "api/break_glass/openapi.h"
#include "api/break_glass/reviews.h"
#include "call/answer.h"
#include "call/operation.h"

namespace wardlock::glass_api {
namespace {

Result<void> describe(const Call& /*call*/, net::HttpResponse& response) {
  call::write_description(kOpenApi, response);
  return {};
}

// Requests are answered by this table alone.
constexpr auto kOperations = std::to_array<call::Operation<Call>>({
    {"GET", "openapi.json", &describe},
    {"GET", "reasons", &list_reasons},
    {"POST", "grants", &open_grant},
    {"GET", "grants", &list_open},
    {"GET", "grants/mine", &list_own},
    {"GET", "grants/{id}", &show_grant},
    {"POST", "grants/{id}/renew", &renew_grant},
    {"POST", "grants/{id}/end", &end_grant},
    {"POST", "grants/{id}/revoke", &revoke_grant},
    {"GET", "reviews", &list_reviews},
    {"GET", "reviews/statistics", &show_statistics},
    {"GET", "reviews/{id}", &show_review},
    {"POST", "reviews/{id}", &sign_review},
});

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  if (errand.glass == nullptr || errand.reviews == nullptr) {
    return net::write_problem(
        404, "the glass is not broken here: the configuration names no reason for it", response);
  }
  const Call call{
      .request = request, .errand = errand, .desk = *errand.glass, .reviews = *errand.reviews};
  call::answer_by(kOperations, request, kPrefix, call, response);
}

}  // namespace wardlock::glass_api
