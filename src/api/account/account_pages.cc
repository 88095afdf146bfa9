#include "api/account/account_pages.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "api/account/consent_pages.h"
#include "api/account/provider_desk.h"

namespace wardlock::account {
namespace {

using authn::Authenticator;
using authn::AuthenticatorKind;
using authn::AuthenticatorState;

constexpr std::int64_t kActivityMs = std::int64_t{90} * 24 * 3600 * 1000;
constexpr std::size_t kMostActivity = 20;

/// For people, in UTC; the page's script tells the place's time.
page::Markup time_of(const Visit& visit, std::string_view key, std::int64_t time_ms) {
  const std::chrono::sys_seconds time{std::chrono::seconds(time_ms / 1000)};
  const std::string shown = fmt::format(
      R"(<time datetime="{0:%Y-%m-%d}T{0:%H:%M}Z">{0:%Y-%m-%d} {0:%H:%M} UTC</time>)", time);
  constexpr std::string_view kHere = "\x01";
  page::Model values;
  values.set("time", kHere);
  std::string html = page::escaped(visit.words(key, values));
  const std::size_t place = html.find(kHere);
  if (place != std::string::npos) html.replace(place, kHere.size(), shown);
  return page::Markup::trusted(std::move(html));
}

/// As words alone, for names of buttons.
std::string plain_time(std::int64_t time_ms) {
  const std::chrono::sys_seconds time{std::chrono::seconds(time_ms / 1000)};
  return fmt::format("{0:%Y-%m-%d} {0:%H:%M} UTC", time);
}

/// What nobody here takes any more, as cards or providers were removed from the settings, lets
/// nobody in.
bool lets_in(const Visit& visit, const Authenticator& each) {
  if (!each.is_good_at(visit.asked().now)) return false;
  const Parts& parts = visit.parts();
  switch (each.kind) {
    case AuthenticatorKind::kPassword:
    case AuthenticatorKind::kPasskey: return true;
    case AuthenticatorKind::kCertificate: return parts.cards != nullptr;
    case AuthenticatorKind::kLinkedAccount:
      return parts.providers != nullptr && !parts.providers->of(visit.asked().tenant).empty();
    default: return false;
  }
}

page::Model authenticator_model(const Visit& visit, const Authenticator& each) {
  page::Model model;
  const std::string kind = visit.words(fmt::format("kind.{}", to_string(each.kind)));
  model.set("id", each.id);
  model.set("kind", each.label.empty() ? std::string() : kind);
  model.set("label", each.label.empty() ? kind : each.label);
  model.set("state", visit.words(fmt::format("state.{}", to_string(each.state))));
  const bool is_active = each.is_good_at(visit.asked().now);
  model.set("is_inactive", !is_active);
  model.set("may_end", is_active);
  model.set("made", time_of(visit, "account.made", each.made_ms));
  if (each.used_ms) model.set("used", time_of(visit, "account.used", *each.used_ms));
  return model;
}

page::Model session_model(const Visit& visit, const authn::Session& each) {
  page::Model model;
  model.set("id", each.id);
  model.set("is_this", visit.session() != nullptr && visit.session()->id == each.id);
  const std::string key = fmt::format("environment.{}", each.environment);
  model.set("environment",
            visit.parts().pages.words().has(key) ? visit.words(key) : each.environment);
  model.set("started_text", plain_time(each.started_ms));
  model.set("started", time_of(visit, "account.started", each.started_ms));
  model.set("ends", time_of(visit, "account.ends", each.ends_ms));
  model.set("assurance", visit.words(fmt::format("assurance.{}", number_of(each.assurance.level))));
  return model;
}

page::Model activity_model(const Visit& visit, const administration::Trace& each) {
  page::Model model;
  const std::string key = fmt::format("activity.{}", each.what);
  model.set("what", visit.words(key));
  model.set("when", time_of(visit, "account.at", each.time));
  if (!each.source_address.empty()) {
    page::Model values;
    values.set("address", each.source_address);
    model.set("from", visit.words("activity.from", values));
  }
  return model;
}

/// What the audit log knows of their signing in; nothing where it cannot be asked.
std::vector<page::Model> activity_of(const Visit& visit, std::string_view person) {
  std::vector<page::Model> models;
  if (visit.asked().trail == nullptr) return models;
  const administration::Actor actor{
      .tenant = std::string(visit.asked().tenant),
      .type = std::string(directory::schema_of(directory::Kind::kPerson).cedar_type),
      .id = std::string(person)};
  constexpr std::size_t kMostRead = 200;
  const auto traces = visit.asked().trail->of(actor, visit.asked().now - kActivityMs, kMostRead);
  if (!traces) return models;
  for (const administration::Trace& each : traces->traces) {
    if (!visit.parts().pages.words().has(fmt::format("activity.{}", each.what))) continue;
    models.push_back(activity_model(visit, each));
    if (models.size() >= kMostActivity) break;
  }
  return models;
}

page::Model application_model(const Visit& visit, const AllowedApplication& each) {
  page::Model model;
  model.set("id", each.id);
  model.set("name", each.name);
  std::vector<page::Model> scopes;
  for (const std::string& scope : each.scopes) {
    scopes.emplace_back().set("text", scope_words(visit, scope));
  }
  model.set("scopes", std::move(scopes));
  model.set("since", time_of(visit, "access.since", each.since_ms));
  model.set("is_lasting", each.is_lasting);
  return model;
}

/// Empty as well where it cannot be looked up now.
std::vector<page::Model> applications_of(const Visit& visit) {
  std::vector<page::Model> models;
  if (visit.parts().authorizations == nullptr) return models;
  const authn::Session& own = *visit.session();
  const auto allowed = visit.parts().authorizations->allowed_by(own.tenant, own.person);
  if (!allowed) return models;
  for (const AllowedApplication& each : *allowed) models.push_back(application_model(visit, each));
  return models;
}

void show_account_with(Visit& visit, int status, std::string notice, std::string fault) {
  const authn::Session& own = *visit.session();
  const auto authenticators = visit.parts().accounts.list(own.tenant, own.person);
  if (!authenticators) return visit.show_error(authenticators.error());
  const auto sessions = visit.parts().sessions.of_person(own.tenant, own.person, visit.asked().now);
  if (!sessions) return visit.show_error(sessions.error());
  page::Model model = visit.model("account.title");
  model.set("layout", "wide");
  model.set("notice", std::move(notice));
  model.set("fault", std::move(fault));
  std::vector<page::Model> first, last, live;
  for (const Authenticator& each : *authenticators) {
    if (each.state == AuthenticatorState::kPending) continue;
    auto& place = each.is_good_at(visit.asked().now) ? first : last;
    place.push_back(authenticator_model(visit, each));
  }
  std::ranges::move(last, std::back_inserter(first));
  for (const authn::Session& each : *sessions) live.push_back(session_model(visit, each));
  const auto* environment =
      authn::find_environment(visit.parts().sessions.settings(), own.environment);
  model.set("may_lock", environment != nullptr && environment->locks);
  model.set("authenticators", std::move(first));
  model.set("sessions", std::move(live));
  model.set("may_ask", visit.parts().authorizations != nullptr);
  model.set("applications", applications_of(visit));
  model.set("activity", activity_of(visit, own.person));
  visit.show(status, "account", model);
}

/// Whether without it nothing is left by which its owner gets in.
Result<bool> is_last(const Visit& visit, const Owner& owner, std::string_view id) {
  const auto all = TRY(visit.parts().accounts.list(visit.asked().tenant, owner.person));
  const auto is_it = [&](const Authenticator& each) {
    return each.id == id && lets_in(visit, each);
  };
  const auto is_other = [&](const Authenticator& each) {
    return each.id != id && lets_in(visit, each);
  };
  return std::ranges::any_of(all, is_it) && std::ranges::none_of(all, is_other);
}

}  // namespace

void show_account(Visit& visit) {
  if (visit.session() == nullptr) return visit.go_to("/sign-in");
  show_account_with(visit, 200, {}, {});
}

void end_authenticator(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = visit.owner();
  if (visit.session() == nullptr) return visit.go_to("/sign-in");
  if (owner == nullptr || owner->session.empty()) return visit.go_to("/sign-in?again=1");
  const std::string_view id = form->of("id"), what = form->of("do");
  const authn::AccountChange change{.mandate = visit.mandate_of(owner->person),
                                    .person = owner->person,
                                    .label = {},
                                    .expires_ms = {}};
  if (what == "revoke") {
    const auto last = is_last(visit, *owner, id);
    if (!last) return visit.show_error(last.error());
    if (*last) return show_account_with(visit, 403, {}, visit.words("account.last_one"));
  } else if (what != "lost") {
    return visit.show_error({ErrorCode::kInvalidArgument, "no such step"});
  }
  // What was lost counts no more, even where it was the last: somebody else may have found it.
  const auto ended = what == "lost" ? visit.parts().accounts.mark_lost(change, id)
                                    : visit.parts().accounts.revoke(change, id);
  if (!ended) return visit.show_error(ended.error());
  // This session may have rested on it.
  const bool is_live =
      visit.parts()
          .sessions.find_id(visit.asked().tenant, owner->session, visit.asked().now)
          .has_value();
  if (!is_live) {
    visit.leave();
    return visit.show_message(200, "signed_out.title", "account.removed", "/sign-in",
                              "sign_in.title");
  }
  show_account_with(visit, 200, visit.words("account.removed"), {});
}

void withdraw_access(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  if (visit.session() == nullptr) return visit.go_to("/sign-in");
  if (visit.parts().authorizations == nullptr) {
    return visit.show_error({ErrorCode::kNotFound, "no application may ask here"});
  }
  const auto withdrawn = visit.parts().authorizations->withdraw(form->of("id"), *visit.session(),
                                                                visit.request().remote_address);
  if (!withdrawn) return visit.show_error(withdrawn.error());
  show_account_with(visit, 200, visit.words("access.withdrawn"), {});
}

void end_session(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const authn::Session* own = visit.session();
  if (own == nullptr) return visit.go_to("/sign-in");
  const Owner* owner = visit.owner();
  if (owner == nullptr || owner->session.empty()) return visit.go_to("/sign-in?again=1");
  authn::Sessions& sessions = visit.parts().sessions;
  const std::string_view id = form->of("id");
  const std::int64_t now = visit.asked().now;
  if (id == "all") {
    const auto ended = sessions.end_of_person(own->tenant, own->person,
                                              authn::EndReason::kSignedOut, now, own->id);
    if (!ended) return visit.show_error(ended.error());
    return show_account_with(visit, 200, visit.words("account.ended"), {});
  }
  const auto theirs = sessions.of_person(own->tenant, own->person, now);
  if (!theirs) return visit.show_error(theirs.error());
  if (std::ranges::find(*theirs, id, &authn::Session::id) == theirs->end()) {
    return visit.show_error({ErrorCode::kNotFound, "no such session"});
  }
  const auto ended = sessions.end(own->tenant, id, authn::EndReason::kSignedOut, now);
  if (!ended) return visit.show_error(ended.error());
  show_account_with(visit, 200, visit.words("account.ended"), {});
}

}  // namespace wardlock::account
