#include "api/admin/recoveries.h"

#include <utility>

#include "api/admin/things.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using authn::RecoveryDesk;
using authn::RecoveryRequest;
using boost::json::object;

codec::Json to_json(const RecoveryRequest& request) {
  object out{{"id", request.id},
             {"person", request.person},
             {"askedBy", request.asked_by},
             {"reason", request.reason},
             {"askedAt", directory::to_time_text(request.asked_ms)},
             {"until", directory::to_time_text(request.until_ms)},
             {"state", request.approved_by.empty() ? "asked" : "approved"}};
  if (!request.approved_by.empty()) out["approvedBy"] = request.approved_by;
  return out;
}

Answered<RecoveryDesk*> desk_of(const Asked& asked) {
  if (asked.errand.recoveries != nullptr) return asked.errand.recoveries;
  return refuse(0, ErrorCode::kFailedPrecondition,
                "nobody signs in here: the configuration has no `authentication`");
}

directory::Mandate mandate_of(const Asked& asked, const Body& body) {
  directory::Mandate mandate = asked.errand.mandate;
  if (!body.reason.empty()) mandate.reason = body.reason;
  return mandate;
}

/// The recovery of the path, of somebody whom who asks may recover.
Answered<void> check_named(const Asked& asked, const RecoveryDesk& desk) {
  const RecoveryRequest request = TRY(desk.find(asked.tenant(), asked.id));
  const directory::Thing person = TRY(asked.errand.registry.find(asked.tenant(), request.person));
  TRY_VOID(asked.errand.gate.check(Deed::kRecover, person));
  return {};
}

}  // namespace

Answered<void> refuse_dry_run(const Asked& asked) {
  if (!TRY(asked.flag("dryRun"))) return {};
  return invalid("this cannot be tried without being done: leave `dryRun` out");
}

Answered<void> list_recoveries(const Asked& asked, net::HttpResponse& response) {
  RecoveryDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, directory::Kind::kPerson));
  boost::json::array items;
  for (const RecoveryRequest& each : TRY(desk->waiting(asked.tenant()))) {
    const directory::Thing person = TRY(asked.errand.registry.find(asked.tenant(), each.person));
    const Result<void> may = asked.errand.gate.check(Deed::kRecover, person);
    if (!may && may.error().code != ErrorCode::kPermissionDenied) {
      return std::unexpected(Refusal(may.error()));
    }
    if (may) items.push_back(to_json(each));
  }
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> ask_recovery(const Asked& asked, net::HttpResponse& response) {
  RecoveryDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  const directory::Thing person = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRecover, person));
  response.status = 201;
  write_json(to_json(TRY(desk->ask(mandate_of(asked, body), person.id))), response);
  return {};
}

Answered<void> approve_recovery(const Asked& asked, net::HttpResponse& response) {
  RecoveryDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  TRY_VOID(check_named(asked, *desk));
  write_json(to_json(TRY(desk->approve(mandate_of(asked, body), asked.id))), response);
  return {};
}

Answered<void> refuse_recovery(const Asked& asked, net::HttpResponse& response) {
  RecoveryDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  TRY_VOID(check_named(asked, *desk));
  TRY_VOID(desk->refuse(mandate_of(asked, body), asked.id));
  response.status = 204;
  return {};
}

Answered<void> collect_recovery(const Asked& asked, net::HttpResponse& response) {
  RecoveryDesk* const desk = TRY(desk_of(asked));
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  TRY_VOID(check_named(asked, *desk));
  const auto collected = TRY(desk->collect(mandate_of(asked, body), asked.id));
  response.headers.add("Cache-Control", "no-store");
  write_json(object{{"token", collected.token.reveal()},
                    {"expiresAt", directory::to_time_text(collected.until_ms)}},
             response);
  return {};
}

}  // namespace wardlock::admin
