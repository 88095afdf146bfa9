#include "api/account/sign_in_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/account/provider_pages.h"

namespace wardlock::account {
namespace {

using authn::Factor;
using authn::SignInRefusal;
using authn::SignInStart;
using authn::SignInStep;

constexpr std::chrono::seconds kDeviceMarkAge = std::chrono::hours(24) * 400;
constexpr std::string_view kDefaultPurpose = "account";

bool is_offered(const SignInStep& step, Factor factor) {
  return std::ranges::find(step.offered, factor) != step.offered.end();
}

/// What the application asks, if one does.
std::optional<AuthorizationQuestion> question_of(Visit& visit) {
  const std::string handle = visit.request_handle();
  if (handle.empty() || visit.parts().authorizations == nullptr) return std::nullopt;
  const std::optional<authn::Session> session =
      visit.session() == nullptr ? std::nullopt : std::optional(*visit.session());
  auto found = visit.parts().authorizations->find(visit.asked().tenant, handle, session);
  return found ? std::optional(*std::move(found)) : std::nullopt;
}

std::string purpose_of(const std::optional<AuthorizationQuestion>& question) {
  if (!question) return std::string(kDefaultPurpose);
  return question->purpose.empty() ? "application" : question->purpose;
}

/// So that a page can ask for a passkey without asking us again. Where that fails, it does without.
void offer_passkey(Visit& visit, SignInStep& step, page::Model& model) {
  if (step.offered.empty() || !is_offered(step, Factor::kPasskey)) return;
  auto asked = visit.parts().sign_in.ask_passkey(step.handle);
  if (!asked) return;
  step.handle = asked->step.handle;
  if (!asked->step.refusal) model.set("passkey_options", asked->options);
}

/// Who has a session is to be the same there.
void offer_providers(const Visit& visit, page::Model& model) {
  model.set("providers", provider_models(visit, /*for_linking=*/false));
  model.set("errand", visit.session() == nullptr ? "sign-in" : "again");
}

std::string card_url(Visit& visit) {
  const std::string url = visit.parts().cards->page_url(visit.asked().base_path);
  const std::string handle = visit.request_handle();
  return handle.empty() ? url : fmt::format("{}?request={}", url, handle);
}

/// The first page, with what went wrong before.
void show_first(Visit& visit, int status, std::string_view fault_key) {
  page::Model model = visit.model("sign_in.title");
  const auto question = question_of(visit);
  model.set("user", question ? question->login_hint : "");
  model.set("handle", "");
  if (visit.parts().cards != nullptr) model.set("card_url", card_url(visit));
  offer_providers(visit, model);
  if (question) model.set("service", question->service);
  if (!fault_key.empty()) model.set("fault", visit.words(fault_key));
  auto step = visit.parts().sign_in.begin(start_of(visit, ""));
  if (step && !step->refusal) {
    offer_passkey(visit, *step, model);
    model.set("handle", step->handle.reveal());
  }
  visit.show(status, "sign_in", model);
}

/// Whether a code is on its way to a device: it was asked for now, or, as the page has kept,
/// before. What the browser says of that changes words alone.
bool was_sent(Visit& visit, const SignInStep& step) {
  if (step.shown == Factor::kDeviceCode && !step.refusal) return true;
  const page::Form* form = visit.request().method == "POST" ? visit.form() : nullptr;
  return form != nullptr && form->of("sent") == "1";
}

void offer_codes(Visit& visit, const SignInStep& step, page::Model& model) {
  const bool has_code = is_offered(step, Factor::kCode);
  const bool has_device = is_offered(step, Factor::kDeviceCode);
  const bool is_sent = has_code && has_device && was_sent(visit, step);
  model.set("has_code", has_code);
  model.set("has_device", has_device);
  model.set("is_sent", is_sent);
  model.set("code_hint", visit.words(is_sent ? "code.sent_hint" : "code.hint"));
  model.set("send_label", visit.words(is_sent ? "factor.send_again" : "factor.send"));
}

/// What may be shown next, with what went wrong before.
void show_factors(Visit& visit, SignInStep step, std::string_view user, std::string fault,
                  int status) {
  const bool is_first = is_offered(step, Factor::kPassword);
  page::Model model = visit.model(is_first ? "factor.title" : "factor.more");
  model.set("user", user);
  model.set("query", "");
  if (!is_first) model.set("hint", visit.words("factor.more_hint"));
  model.set("fault", std::move(fault));
  offer_passkey(visit, step, model);
  model.set("handle", step.handle.reveal());
  const bool has_password = is_offered(step, Factor::kPassword);
  model.set("has_password", has_password);
  model.set("focus_password", has_password);
  offer_codes(visit, step, model);
  model.set("focus_code", is_offered(step, Factor::kCode) && !has_password);
  model.set("has_recovery", is_offered(step, Factor::kRecoveryCode));
  if (is_first || visit.session() != nullptr) offer_providers(visit, model);
  visit.show(status, "factor", model);
}

/// For who has nothing to show here.
void show_elsewhere(Visit& visit, std::string_view user) {
  page::Model model = visit.model("factor.title");
  model.set("user", user);
  offer_providers(visit, model);
  visit.show(200, "elsewhere", model);
}

void show_refusal(Visit& visit, SignInStep step, std::string_view user) {
  switch (*step.refusal) {
    case SignInRefusal::kWrong: {
      if (step.handle.empty() || step.offered.empty())
        return show_first(visit, 403, "sign_in.wrong");
      return show_factors(visit, std::move(step), user, visit.words("sign_in.wrong"), 403);
    }
    case SignInRefusal::kWait: {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(step.wait).count();
      visit.response().headers.add("Retry-After", std::to_string(seconds));
      std::string words = told_to_wait(visit, step.wait);
      if (!step.handle.empty() && !step.offered.empty()) {
        return show_factors(visit, std::move(step), user, std::move(words), 429);
      }
      page::Model model = visit.model("sign_in.title");
      model.set("user", user);
      model.set("handle", "");
      model.set("fault", std::move(words));
      offer_providers(visit, model);
      return visit.show(429, "sign_in", model);
    }
    case SignInRefusal::kExpired: return show_first(visit, 403, "sign_in.expired");
    case SignInRefusal::kNotEnough:
      return visit.show_message(403, "fault.title", "sign_in.refused", "/recover", "recover.title");
    case SignInRefusal::kBusy: break;
  }
  visit.response().headers.add("Retry-After", "5");
  visit.show_message(503, "fault.title", "fault.down", "/sign-in", "sign_in.title");
}

/// On record before anybody is told. Error: it could not be put there.
Result<void> record(Visit& visit, const SignInStep& step, const SignInStart& start,
                    std::string_view session, std::string_view cause) {
  auto told = authn::record_of(step, start);
  if (!told) return {};
  const bool says_more = step.recognised || step.refusal == SignInRefusal::kWrong;
  if (says_more && !cause.empty()) told->event.cause = cause;
  told->event.session = session;
  return visit.asked().tell(told->event);
}

/// A session for who was recognised: a new one, or their own, which has reached more. Whatever the
/// browser had before as a token is good for nothing then.
Result<authn::OpenedSession> open_session(Visit& visit, const authn::Recognised& known) {
  authn::Sessions& sessions = visit.parts().sessions;
  const std::int64_t now = visit.asked().now;
  const authn::Session* before = visit.session();
  if (before != nullptr && before->person == known.person) {
    return sessions.step_up(visit.session_token(), known.assurance, known.authenticators, now);
  }
  if (before != nullptr) {
    TRY_VOID(sessions.end_by_token(visit.session_token(), authn::EndReason::kReplaced, now));
  }
  // Their own that was locked here has no token any more.
  const authn::Session* locked = visit.locked();
  if (locked != nullptr && locked->person == known.person) {
    TRY(sessions.end(known.tenant, locked->id, authn::EndReason::kReplaced, now));
  }
  return sessions.open({.tenant = known.tenant,
                        .person = known.person,
                        .assurance = known.assurance,
                        .environment = std::string(visit.asked().environment),
                        .workstation = known.workstation,
                        .authenticators = known.authenticators,
                        .is_without_database = known.is_without_database},
                       now);
}

void let_in(Visit& visit, const SignInStep& step, const SignInStart& start,
            std::string_view cause) {
  auto opened = open_session(visit, *step.recognised);
  if (!opened) return visit.show_error(opened.error());
  const std::string id = opened->session.id;
  const auto recorded = record(visit, step, start, id, cause);
  if (!recorded) {
    // Nobody is signed in who is not on record.
    [[maybe_unused]] const auto ended = visit.parts().sessions.end(
        visit.asked().tenant, id, authn::EndReason::kAdministrator, visit.asked().now);
    return visit.show_error(recorded.error());
  }
  visit.enter(*std::move(opened));
  if (!step.recognised->mark.empty()) {
    visit.cookies().set(kDeviceCookie, step.recognised->mark, page::SameSite::kStrict,
                        kDeviceMarkAge, visit.response());
  }
  const std::string handle = visit.request_handle();
  if (handle.empty() || visit.parts().authorizations == nullptr) return visit.go_to("/account");
  visit.go_to(fmt::format("/consent?request={}", handle));
}

Result<SignInStep> step_of(Visit& visit, const page::Form& form, const SignInStart& start) {
  authn::SignIn& sign_in = visit.parts().sign_in;
  const std::string_view what = form.of("do");
  const Secret handle(form.of("handle"));
  if (what == "begin") {
    if (form.of("user").empty()) return invalid("a user name is needed");
    return sign_in.begin(start);
  }
  // Another tenant's would open its session here, on this one's record.
  if (!authn::is_handle_of(handle, start.tenant)) {
    SignInStep expired;
    expired.refusal = authn::SignInRefusal::kExpired;
    return expired;
  }
  if (what == "password") {
    return sign_in.show_password(handle, Secret(form.of("password")), start.source);
  }
  if (what == "send") return sign_in.send_device_code(handle, start.source);
  if (what == "code") return sign_in.show_code(handle, Secret(form.of("code")), start.source);
  if (what == "recovery") {
    return sign_in.show_recovery_code(handle, Secret(form.of("recovery")), start.source);
  }
  if (what == "passkey") return sign_in.show_passkey(handle, form.of("answer"), start.source);
  return invalid("no such step");
}

}  // namespace

std::string told_to_wait(const Visit& visit, std::chrono::nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  constexpr std::int64_t kMinute = 60;
  page::Model n, filled;
  n.set("n", std::to_string(seconds < kMinute ? seconds : (seconds + kMinute - 1) / kMinute));
  filled.set("wait", visit.words(seconds < kMinute ? "seconds" : "minutes", n));
  return visit.words("fault.wait", filled);
}

SignInStart start_of(Visit& visit, std::string_view user) {
  return {.tenant = std::string(visit.asked().tenant),
          .user_name = std::string(user),
          .source = visit.source(),
          .environment = std::string(visit.asked().environment),
          .purpose = purpose_of(question_of(visit))};
}

Result<authn::AssuranceLevel> level_to_show_anew(Visit& visit) {
  const auto question = question_of(visit);
  const auto due = TRY(visit.parts().sign_in.level_of_changes(*visit.session()));
  return std::max(question ? question->required : authn::AssuranceLevel::kAal1, due);
}

void show_sign_in(Visit& visit) {
  const authn::Session* session = visit.session();
  const bool is_again = visit.has_query("again");
  if (visit.locked() != nullptr && !visit.has_query("other")) {
    const std::string handle = visit.request_handle();
    return visit.go_to(handle.empty() ? "/unlock" : fmt::format("/unlock?request={}", handle));
  }
  if (session == nullptr || (!visit.request_handle().empty() && !is_again)) {
    if (session != nullptr && question_of(visit)) {
      return visit.go_to(fmt::format("/consent?request={}", visit.request_handle()));
    }
    return show_first(visit, 200, "");
  }
  if (!is_again) return visit.go_to("/account");
  const SignInStart start = start_of(visit, visit.user_name_of(session->person));
  const auto wanted = level_to_show_anew(visit);
  if (!wanted) return visit.show_error(wanted.error());
  auto step = visit.parts().sign_in.begin_step_up(start, *session, *wanted);
  if (!step) return visit.show_error(step.error());
  const bool is_known_elsewhere = step->refusal == SignInRefusal::kNotEnough &&
                                  !provider_models(visit, /*for_linking=*/false).empty();
  if (is_known_elsewhere) return show_elsewhere(visit, start.user_name);
  if (step->refusal) return show_refusal(visit, *std::move(step), start.user_name);
  show_factors(visit, *std::move(step), start.user_name, {}, 200);
}

void take_step(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const SignInStart start = start_of(visit, form->of("user"));
  finish_step(visit, step_of(visit, *form, start), start, {});
}

void finish_step(Visit& visit, Result<SignInStep> step, const SignInStart& start,
                 std::string_view cause) {
  if (!step) {
    if (step.error().code == ErrorCode::kInvalidArgument)
      return show_first(visit, 403, "sign_in.wrong");
    return visit.show_error(step.error());
  }
  if (step->recognised) return let_in(visit, *step, start, cause);
  if (const auto recorded = record(visit, *step, start, {}, cause); !recorded) {
    return visit.show_error(recorded.error());
  }
  // Who came without a name, and is not done yet, is known by what they showed.
  const std::string user = start.user_name.empty() && !step->person.empty()
                               ? visit.user_name_of(step->person)
                               : start.user_name;
  if (step->refusal) return show_refusal(visit, *std::move(step), user);
  show_factors(visit, *std::move(step), user, {}, 200);
}

void sign_out(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  if (visit.session() != nullptr) {
    const auto ended = visit.parts().sessions.end_by_token(
        visit.session_token(), authn::EndReason::kSignedOut, visit.asked().now);
    if (!ended) return visit.show_error(ended.error());
  }
  visit.leave();
  visit.show_message(200, "signed_out.title", "signed_out.text", "/sign-in", "sign_in.title");
}

void show_recovery(Visit& visit) { visit.show(200, "recover", visit.model("recover.title")); }

}  // namespace wardlock::account
