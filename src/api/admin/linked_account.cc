#include "api/admin/linked_account.h"

#include <algorithm>
#include <string>

#include "api/admin/recoveries.h"
#include "api/admin/things.h"
#include "directory/model/moment.h"

namespace wardlock::admin {

using administration::Deed;

Answered<void> link_account(const Asked& asked, net::HttpResponse& response) {
  const administration::Errand& errand = asked.errand;
  if (errand.accounts == nullptr) {
    return refuse(0, ErrorCode::kFailedPrecondition,
                  "nobody signs in here: the configuration has no `authentication`");
  }
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"issuer", "subject", "label"}));
  const std::string issuer = TRY(text_in(body, "issuer"));
  const std::string subject = TRY(text_in(body, "subject"));
  const std::string label = TRY(text_in(body, "label", false));
  const directory::Thing person = TRY(named_thing(asked));
  TRY_VOID(errand.gate.check(Deed::kIssueCredential, person));
  if (std::ranges::find(errand.issuers, issuer) == errand.issuers.end()) {
    return refuse(0, ErrorCode::kInvalidArgument,
                  "nobody signs in at that `issuer`: it is none of `authentication.providers`");
  }
  directory::Mandate mandate = errand.mandate;
  if (!body.reason.empty()) mandate.reason = body.reason;
  const auto linked = TRY(errand.accounts->link_account(
      {.mandate = mandate, .person = person.id, .label = label, .expires_ms = {}}, issuer,
      subject));
  response.status = 201;
  write_json(boost::json::object{{"id", linked.id},
                                 {"label", linked.label},
                                 {"madeAt", directory::to_time_text(linked.made_ms)}},
             response);
  return {};
}

}  // namespace wardlock::admin
