#include "api/admin/invitation.h"

#include <string>

#include "api/admin/recoveries.h"
#include "api/admin/things.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::Deed;

constexpr std::int64_t kUsualMs = std::int64_t{24} * 3600 * 1000;

}  // namespace

Answered<void> invite(const Asked& asked, net::HttpResponse& response) {
  const administration::Errand& errand = asked.errand;
  if (errand.enrolments == nullptr) {
    return refuse(0, ErrorCode::kFailedPrecondition,
                  "nobody signs in here: the configuration has no `authentication`");
  }
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"expiresAt"}));
  const auto until = TRY(time_in(body, "expiresAt"));
  const directory::Thing person = TRY(named_thing(asked));
  TRY_VOID(errand.gate.check(Deed::kIssueCredential, person));
  directory::Mandate mandate = errand.mandate;
  if (!body.reason.empty()) mandate.reason = body.reason;
  const auto invited =
      TRY(errand.enrolments->invite(mandate, person.id, authn::EnrolmentPurpose::kInvitation,
                                    until.value_or(errand.now + kUsualMs)));
  response.status = 201;
  response.headers.add("Cache-Control", "no-store");
  write_json(boost::json::object{{"token", invited.token.reveal()},
                                 {"expiresAt", directory::to_time_text(invited.until_ms)}},
             response);
  return {};
}

}  // namespace wardlock::admin
