#include "api/account/provider_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/account/provider_desk.h"
#include "api/account/sign_in_pages.h"

namespace wardlock::account {
namespace {

using authn::ForeignErrand;
using authn::ForeignPurpose;
using authn::SignInStart;

constexpr std::string_view kBack = "/back";
constexpr std::string_view kAwayCookie = "away";

/// `hospital` of `/sign-in/with/hospital` and of `/sign-in/with/hospital/back`; empty: of no other.
std::string_view name_in(std::string_view path) {
  if (!path.starts_with(kProviderPrefix)) return {};
  path.remove_prefix(kProviderPrefix.size());
  if (path.ends_with(kBack)) path.remove_suffix(kBack.size());
  return path.find('/') == std::string_view::npos ? path : std::string_view();
}

std::string path_of(std::string_view name) { return fmt::format("{}{}", kProviderPrefix, name); }

std::optional<OfferedProvider> provider_of(const Visit& visit) {
  if (visit.parts().providers == nullptr) return std::nullopt;
  const std::string_view name = name_in(visit.request().path);
  for (OfferedProvider& each : visit.parts().providers->of(visit.asked().tenant)) {
    if (each.name == name) return std::move(each);
  }
  return std::nullopt;
}

page::Model with_label(const OfferedProvider& provider) {
  page::Model values;
  values.set("label", provider.label);
  return values;
}

void say(Visit& visit, int status, std::string_view text_key, const OfferedProvider& provider,
         bool is_linking) {
  page::Model model = visit.model("fault.title");
  model.set("text", visit.words(text_key, with_label(provider)));
  model.set("link", is_linking ? "/account/enrol" : "/sign-in");
  model.set("link_text", visit.words(is_linking ? "enrol.title" : "sign_in.other_way"));
  visit.show(status, "message", model);
}

void refuse(Visit& visit, const OfferedProvider& provider, ProviderRefusal why, bool is_linking) {
  switch (why) {
    case ProviderRefusal::kWait:
      visit.response().headers.add("Retry-After", "60");
      return say(visit, 429, "provider.wait", provider, is_linking);
    case ProviderRefusal::kDown:
      visit.response().headers.add("Retry-After", "30");
      return say(visit, 503, "provider.down", provider, is_linking);
    case ProviderRefusal::kUnknown:
    case ProviderRefusal::kNotOurs:
      return say(visit, 403, "provider.not_ours", provider, is_linking);
    case ProviderRefusal::kRefused:
      return say(visit, 403, "provider.refused", provider, is_linking);
  }
}

/// In vain, and on record with why.
Result<void> record_refusal(Visit& visit, const SignInStart& start, std::string_view why) {
  authn::SignInStep step;
  step.refusal = authn::SignInRefusal::kWrong;
  step.shown = authn::Factor::kLinkedAccount;
  auto told = authn::record_of(step, start);
  told->event.cause = why;
  if (visit.session() != nullptr) told->event.session = visit.session()->id;
  return visit.asked().tell(told->event);
}

/// What an errand to link an account is bound to.
std::string bond_of(const Owner& owner) {
  return owner.session.empty() ? fmt::format("enrolment {}", owner.person)
                               : fmt::format("session {}", owner.session);
}

/// The errand that the form asks for; nothing: they are sent elsewhere first.
std::optional<ForeignErrand> errand_of(Visit& visit, const page::Form& form,
                                       const OfferedProvider& provider) {
  ForeignErrand errand{.return_to = visit.request_handle()};
  if (form.of("do") != "link") {
    errand.is_anew = form.of("do") == "again";
    return errand;
  }
  const Owner* owner = visit.owner();
  if (owner == nullptr) {
    visit.go_to(visit.session() == nullptr ? "/account/enrol" : "/sign-in?again=1");
    return std::nullopt;
  }
  if (!provider.may_be_linked_by_people) {
    say(visit, 403, "provider.not_linked_by_people", provider, true);
    return std::nullopt;
  }
  errand.purpose = ForeignPurpose::kLink;
  errand.bound_to = bond_of(*owner);
  // What is linked is the account of whoever sits here now, not of whoever signed in there before.
  errand.is_anew = true;
  return errand;
}

void link(Visit& visit, const OfferedProvider& provider, const authn::FinishedErrand& back) {
  const Owner* owner = visit.owner();
  if (owner == nullptr || back.errand.bound_to != bond_of(*owner) ||
      !provider.may_be_linked_by_people) {
    return say(visit, 403, "provider.not_ours", provider, true);
  }
  const auto linked =
      visit.parts().accounts.link_account({.mandate = visit.mandate_of(owner->person),
                                           .person = owner->person,
                                           .label = provider.label,
                                           .expires_ms = {}},
                                          back.identity.issuer, back.identity.subject);
  if (linked) return visit.go_to("/account/enrol?linked=1");
  if (linked.error().code != ErrorCode::kAlreadyExists) return visit.show_error(linked.error());
  say(visit, 403, "provider.taken", provider, true);
}

void sign_in(Visit& visit, const OfferedProvider& provider, const authn::FinishedErrand& back) {
  visit.carry_request(back.errand.return_to);
  // Who is asked anew must be who they were.
  const bool is_same = back.errand.is_anew && visit.session() != nullptr;
  SignInStart start =
      start_of(visit, is_same ? visit.user_name_of(visit.session()->person) : std::string());
  if (is_same) {
    const auto wanted = level_to_show_anew(visit);
    if (!wanted) return visit.show_error(wanted.error());
    start.wanted = *wanted;
  }
  auto step = visit.parts().sign_in.show_linked_account(
      start, back.identity.issuer, back.identity.subject, back.identity.assurance);
  const bool is_nobodys = step && step->refusal == authn::SignInRefusal::kWrong;
  if (!is_nobodys) return finish_step(visit, std::move(step), start, provider.name);
  if (const auto recorded = record_refusal(visit, start, "provider_account_of_nobody"); !recorded) {
    return visit.show_error(recorded.error());
  }
  say(visit, 403, is_same ? "provider.other_person" : "provider.not_linked", provider, false);
}

}  // namespace

std::string_view to_string(ProviderRefusal refusal) {
  switch (refusal) {
    case ProviderRefusal::kUnknown: return "provider_unknown";
    case ProviderRefusal::kWait: return "wait";
    case ProviderRefusal::kDown: return "provider_down";
    case ProviderRefusal::kNotOurs: return "provider_answer_not_ours";
    case ProviderRefusal::kRefused: return "provider_refused";
  }
  __builtin_unreachable();
}

bool is_provider_path(std::string_view path) { return !name_in(path).empty(); }

bool asks_provider(std::string_view method, std::string_view path) {
  return is_provider_path(path) && (method == "POST" || path.ends_with(kBack));
}

std::vector<page::Model> provider_models(const Visit& visit, bool for_linking) {
  std::vector<page::Model> models;
  if (visit.parts().providers == nullptr) return models;
  for (const OfferedProvider& each : visit.parts().providers->of(visit.asked().tenant)) {
    if (for_linking && !each.may_be_linked_by_people) continue;
    page::Model& model = models.emplace_back();
    model.set("provider", each.name);
    model.set("go", visit.words(for_linking ? "provider.link" : "provider.go", with_label(each)));
  }
  return models;
}

void go_to_provider(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const auto provider = provider_of(visit);
  if (!provider || visit.request().path.ends_with(kBack)) {
    return visit.show_message(404, "fault.title", "fault.unknown", "/sign-in", "sign_in.title");
  }
  const auto errand = errand_of(visit, *form, *provider);
  if (!errand) return;
  const bool is_linking = errand->purpose == ForeignPurpose::kLink;
  auto begun = visit.parts().providers->begin(visit.asked().tenant, provider->name, *errand,
                                              visit.asked().now);
  if (!begun) return refuse(visit, *provider, begun.error(), is_linking);
  visit.cookies().set(kAwayCookie, begun->cookie.reveal(), page::SameSite::kLax,
                      authn::ForeignSignIn::kLifetime, visit.response());
  page::Model model = visit.model("onward.title");
  model.set("lead", visit.words("provider.onward", with_label(*provider)));
  model.set("onward", begun->url);
  visit.show(200, "onward", model);
}

void come_from_provider(Visit& visit) {
  const auto provider = provider_of(visit);
  if (!provider) {
    return visit.show_message(404, "fault.title", "fault.unknown", "/sign-in", "sign_in.title");
  }
  if (!visit.request().path.ends_with(kBack)) {
    page::Model model = visit.model("onward.title");
    model.set("lead", visit.words("provider.back"));
    model.set("onward", fmt::format("{}{}{}?{}", visit.asked().base_path, path_of(provider->name),
                                    kBack, visit.request().query));
    return visit.show(200, "onward", model);
  }
  const auto cookie = visit.cookies().find(kAwayCookie);
  // Nothing was begun here: it is not worth a record.
  if (!cookie) return refuse(visit, *provider, ProviderRefusal::kNotOurs, false);
  visit.cookies().remove(kAwayCookie, visit.response());
  const auto back = visit.parts().providers->finish(
      visit.asked().tenant, provider->name, *cookie, visit.request().query,
      visit.request().remote_address, visit.asked().now);
  if (!back) {
    const SignInStart start = start_of(visit, "");
    if (const auto recorded = record_refusal(visit, start, to_string(back.error())); !recorded) {
      return visit.show_error(recorded.error());
    }
    return refuse(visit, *provider, back.error(), false);
  }
  if (back->errand.purpose == ForeignPurpose::kLink) return link(visit, *provider, *back);
  sign_in(visit, *provider, *back);
}

}  // namespace wardlock::account
