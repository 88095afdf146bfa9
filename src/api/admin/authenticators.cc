#include "api/admin/authenticators.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/admin/recoveries.h"
#include "api/admin/things.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using authn::Authenticator;
using boost::json::object;
using directory::Thing;

codec::Json to_json(const Authenticator& each) {
  object out{{"id", each.id},
             {"kind", authn::to_string(each.kind)},
             {"label", each.label},
             {"state", authn::to_string(each.state)},
             {"madeAt", directory::to_time_text(each.made_ms)}};
  const auto set_time = [&](std::string_view name, const std::optional<std::int64_t>& ms) {
    if (ms) out[name] = directory::to_time_text(*ms);
  };
  set_time("usedAt", each.used_ms);
  set_time("expiresAt", each.expires_ms);
  set_time("endedAt", each.ended_ms);
  if (each.kind == authn::AuthenticatorKind::kRecoveryCodes) out["codesLeft"] = each.codes_left;
  if (each.failures.is_disabled()) out["disabled"] = true;
  return out;
}

Answered<authn::Accounts*> accounts_of(const Asked& asked) {
  if (asked.errand.accounts != nullptr) return asked.errand.accounts;
  return refuse(0, ErrorCode::kFailedPrecondition,
                "nobody signs in here: the configuration has no `authentication`");
}

using Call = Result<Authenticator> (authn::Accounts::*)(const authn::AccountChange&,
                                                        std::string_view);

/// Has it done to the one of the path, if whoever asks may.
Answered<void> change_one(const Asked& asked, const Body& body,
                          std::optional<std::int64_t> expires_ms, Call call,
                          net::HttpResponse& response) {
  authn::Accounts* const accounts = TRY(accounts_of(asked));
  TRY_VOID(refuse_dry_run(asked));
  const Thing person = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kEndAuthenticators, person));
  directory::Mandate mandate = asked.errand.mandate;
  if (!body.reason.empty()) mandate.reason = body.reason;
  const authn::AccountChange change{
      .mandate = std::move(mandate), .person = person.id, .label = {}, .expires_ms = expires_ms};
  write_json(to_json(TRY((accounts->*call)(change, asked.part))), response);
  return {};
}

}  // namespace

Answered<void> list_authenticators(const Asked& asked, net::HttpResponse& response) {
  const authn::Accounts* const accounts = TRY(accounts_of(asked));
  const Thing person = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kReadAuthenticators, person));
  boost::json::array items;
  for (const Authenticator& each : TRY(accounts->list(asked.tenant(), person.id))) {
    items.push_back(to_json(each));
  }
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> lose_authenticator(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  return change_one(asked, body, {}, &authn::Accounts::mark_lost, response);
}

Answered<void> revoke_authenticator(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  return change_one(asked, body, {}, &authn::Accounts::revoke, response);
}

Answered<void> limit_authenticator(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"expiresAt"}));
  // What is left out is not meant: it would be good without end.
  if (body.find("expiresAt") == nullptr) {
    return refuse({{"expiresAt", "is missing: say a time, or `null` for none"}}, "#");
  }
  const auto until = TRY(time_in(body, "expiresAt"));
  return change_one(asked, body, until, &authn::Accounts::set_expiry, response);
}

}  // namespace wardlock::admin
