#include "api/account/unlock_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/account/enrol_pages.h"
#include "api/account/sign_in_pages.h"

namespace wardlock::account {
namespace {

using authn::SignInRefusal;
using authn::SignInStart;
using authn::SignInStep;

void show_unlock_with(Visit& visit, int status, std::string fault) {
  page::Model model = visit.model("unlock.title");
  model.set("user", visit.name_of(visit.locked()->person));
  model.set("fault", std::move(fault));
  visit.show(status, "unlock", model);
}

SignInStart start_for(Visit& visit, const authn::Session& locked) {
  return {.tenant = locked.tenant,
          .user_name = visit.user_name_of(locked.person),
          .source = visit.source(),
          .environment = std::string(visit.asked().environment),
          .purpose = "unlock"};
}

/// With the session's own assurance: a badge or PIN adds none.
Result<void> record(Visit& visit, const SignInStep& step, const SignInStart& start,
                    const authn::Session& session) {
  auto told = authn::record_of(step, start);
  if (!told) return {};
  told->event.session = session.id;
  if (step.recognised) {
    told->event.authentication_level = authn::number_of(session.assurance.level);
    told->event.authentication_time = session.assurance.authenticated_ms;
  }
  return visit.asked().tell(told->event);
}

void refuse(Visit& visit, const SignInStep& step, const authn::Session& locked) {
  switch (*step.refusal) {
    case SignInRefusal::kWait: return show_unlock_with(visit, 429, told_to_wait(visit, step.wait));
    case SignInRefusal::kWrong: {
      const auto may_try_again = visit.parts().sessions.note_failed_unlock(
          locked.tenant, locked.person, locked.workstation, visit.asked().now);
      if (!may_try_again) return visit.show_error(may_try_again.error());
      if (*may_try_again) return show_unlock_with(visit, 403, visit.words("unlock.wrong"));
      visit.leave();
      return visit.show_message(403, "fault.title", "unlock.too_often", "/sign-in",
                                "sign_in.title");
    }
    case SignInRefusal::kExpired:
    case SignInRefusal::kNotEnough:
    case SignInRefusal::kBusy: break;
  }
  visit.show_error({ErrorCode::kUnavailable, "it cannot be looked up now"});
}

void open(Visit& visit, const SignInStep& step, const SignInStart& start,
          const authn::Session& locked) {
  authn::Sessions& sessions = visit.parts().sessions;
  auto opened =
      sessions.unlock(locked.tenant, locked.person, locked.workstation, visit.asked().now);
  if (!opened) return visit.show_error(opened.error());
  if (const auto recorded = record(visit, step, start, opened->session); !recorded) {
    // Nobody goes on who is not on record.
    [[maybe_unused]] const auto ended = sessions.end(
        locked.tenant, opened->session.id, authn::EndReason::kAdministrator, visit.asked().now);
    return visit.show_error(recorded.error());
  }
  const std::string handle = visit.request_handle();
  visit.enter(*std::move(opened));
  if (!handle.empty() && visit.parts().authorizations != nullptr) {
    return visit.go_to(fmt::format("/consent?request={}", handle));
  }
  visit.go_to("/account");
}

}  // namespace

void show_unlock(Visit& visit) {
  if (visit.session() != nullptr) return visit.go_to("/account");
  if (visit.locked() == nullptr) return visit.go_to("/sign-in");
  show_unlock_with(visit, 200, {});
}

void unlock(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  if (visit.locked() == nullptr) return show_unlock(visit);
  const authn::Session locked = *visit.locked();
  const SignInStart start = start_for(visit, locked);
  // Somebody else's badge is as wrong as any.
  auto step = visit.parts().sign_in.show_unlock({.tenant = locked.tenant,
                                                 .user_name = start.user_name,
                                                 .badge = Secret(form->of("badge")),
                                                 .pin = Secret(form->of("pin")),
                                                 .source = start.source});
  if (!step) return visit.show_error(step.error());
  if (step->recognised) return open(visit, *step, start, locked);
  if (const auto recorded = record(visit, *step, start, locked); !recorded) {
    return visit.show_error(recorded.error());
  }
  refuse(visit, *step, locked);
}

void lock(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  if (visit.session() == nullptr) return visit.go_to("/sign-in");
  const auto locked = visit.parts().sessions.lock(visit.session_token(), visit.asked().now);
  if (!locked) return visit.show_error(locked.error());
  visit.go_to("/unlock");
}

void show_pin(Visit& visit) {
  const Owner* owner = adding_owner(visit);
  if (owner != nullptr) visit.show(200, "pin", adding_model(visit, *owner, "pin.title"));
}

void set_pin(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const auto set =
      visit.parts().accounts.set_pin(adding_change(visit, *owner, {}), Secret(form->of("new")));
  if (set) return tell_added(visit, *owner, *set);
  if (set.error().code != ErrorCode::kInvalidArgument) return visit.show_error(set.error());
  page::Model model = adding_model(visit, *owner, "pin.title");
  model.set("fault", visit.words("pin.refused"));
  visit.show(403, "pin", model);
}

void show_badge(Visit& visit) {
  const Owner* owner = adding_owner(visit);
  if (owner != nullptr) visit.show(200, "badge", adding_model(visit, *owner, "badge.title"));
}

void add_badge(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const auto added =
      visit.parts().accounts.add_badge(adding_change(visit, *owner, {}), Secret(form->of("badge")));
  if (added) return tell_added(visit, *owner, *added);
  const std::string_view key = adding_fault(added.error(), "badge.refused");
  if (key.empty()) return visit.show_error(added.error());
  page::Model model = adding_model(visit, *owner, "badge.title");
  model.set("fault", visit.words(key));
  visit.show(403, "badge", model);
}

}  // namespace wardlock::account
