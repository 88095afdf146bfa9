#include "api/admin/sign_ins.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/admin/things.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "directory/registry/edit.h"
#include "directory/registry/told_event.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using administration::SignIns;
using administration::StandingSignIn;
using boost::json::object;
using directory::Thing;

constexpr std::string_view kFeedKind = "signIn";

codec::Json array_of(const std::vector<std::string>& words) {
  return boost::json::array(words.begin(), words.end());
}

codec::Json to_json(const StandingSignIn& each) {
  object out{{"id", each.id},
             {"kind", each.client.empty() ? "session" : "application"},
             {"level", each.level},
             {"methods", array_of(each.methods)},
             {"startedAt", directory::to_time_text(each.started_ms)},
             {"endsAt", directory::to_time_text(each.ends_ms)}};
  if (each.client.empty()) {
    out["environment"] = each.environment;
    out["locked"] = each.is_locked;
    return out;
  }
  out["client"] = each.client;
  if (!each.client_name.empty()) out["clientName"] = each.client_name;
  return out;
}

Answered<SignIns*> sign_ins_of(const Asked& asked) {
  if (asked.errand.sign_ins != nullptr) return asked.errand.sign_ins;
  return refuse(0, ErrorCode::kFailedPrecondition,
                "nobody signs in here: the configuration has no `authentication`");
}

/// Who ended what of whom, and why, is on record before it is done: the ends themselves do not say.
Result<void> tell(const Asked& asked, const Thing& person, std::string_view what,
                  const std::string& reason) {
  directory::Mandate mandate = asked.errand.mandate;
  if (!reason.empty()) mandate.reason = reason;
  const auto written =
      asked.errand.registry.write(mandate, [&](directory::Edit& edit) -> Result<void> {
        event::Event event{.kind = event::Kind::kCredentialChange, .action = "end_sessions"};
        directory::name_in(event, person.kind, person.id);
        event.changed = "sessions";
        event.value_before = what;
        return edit.tell_beside(
            {.what = directory::What::kEnded, .kind = kFeedKind, .id = person.id, .after = "null"},
            event);
      });
  if (!written) return std::unexpected(written.error());
  return {};
}

/// Whose sessions may be ended, and on record that they are.
Answered<Thing> to_be_signed_out(const Asked& asked) {
  Thing person = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kEndSessions, person));
  return person;
}

void write_ended(std::size_t ended, net::HttpResponse& response) {
  write_json(object{{"ended", ended}}, response);
}

}  // namespace

codec::Json to_json(const administration::AskerSignIn& sign_in) {
  return object{{"level", sign_in.level},
                {"methods", array_of(sign_in.methods)},
                {"at", directory::to_time_text(sign_in.at_ms)},
                {"until", directory::to_time_text(sign_in.until_ms)},
                {"client", sign_in.client}};
}

Answered<void> list_sessions(const Asked& asked, net::HttpResponse& response) {
  SignIns* const sign_ins = TRY(sign_ins_of(asked));
  const Thing person = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kReadSessions, person));
  boost::json::array items;
  for (const StandingSignIn& each : TRY(sign_ins->of(asked.tenant(), person.id))) {
    items.push_back(to_json(each));
  }
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> end_session(const Asked& asked, net::HttpResponse& response) {
  SignIns* const sign_ins = TRY(sign_ins_of(asked));
  const Body body = TRY(read_body(asked.request, {}));
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  const Thing person = TRY(to_be_signed_out(asked));
  const auto all = TRY(sign_ins->of(asked.tenant(), person.id));
  if (std::ranges::find(all, asked.part, &StandingSignIn::id) == all.end()) {
    return refuse(0, ErrorCode::kNotFound,
                  fmt::format("they have no session with the id `{}`", printable(asked.part)));
  }
  if (!is_dry_run) {
    TRY_VOID(tell(asked, person, asked.part, body.reason));
    TRY(sign_ins->end(asked.tenant(), person.id, asked.part));
  }
  write_ended(1, response);
  return {};
}

Answered<void> sign_out(const Asked& asked, net::HttpResponse& response) {
  SignIns* const sign_ins = TRY(sign_ins_of(asked));
  const Body body = TRY(read_body(asked.request, {}));
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  const Thing person = TRY(to_be_signed_out(asked));
  if (is_dry_run) {
    const auto all = TRY(sign_ins->of(asked.tenant(), person.id));
    write_ended(all.size(), response);
    return {};
  }
  TRY_VOID(tell(asked, person, "all", body.reason));
  write_ended(TRY(sign_ins->end_all(asked.tenant(), person.id)), response);
  return {};
}

}  // namespace wardlock::admin
