#include "api/account/consent_pages.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "net/query_string.h"

namespace wardlock::account {
namespace {

bool is_good_enough(const authn::Session& session, const AuthorizationQuestion& question) {
  return session.assurance.level >= question.required &&
         session.assurance.authenticated_ms >= question.not_before_ms;
}

/// Back to the application; or, with a device, no further. A form may not lead to another site
/// (`form-action`), so that a page does.
void go_onward(Visit& visit, const Onward& onward, bool is_allowed) {
  if (onward.url.empty()) {
    return visit.show_message(200, is_allowed ? "device.done" : "device.denied",
                              is_allowed ? "device.done_text" : "device.denied_text", "/account",
                              "account.title");
  }
  page::Model model = visit.model("onward.title");
  model.set("lead", visit.words("onward.lead"));
  model.set("onward", onward.url);
  visit.show(200, "onward", model);
}

/// The request, where its asker may be answered by this session; else it is answered here.
std::optional<AuthorizationQuestion> question_for(Visit& visit, const std::string& handle) {
  if (visit.parts().authorizations == nullptr) {
    visit.show_error({ErrorCode::kNotFound, "no application may ask here"});
    return std::nullopt;
  }
  if (visit.session() == nullptr) {
    visit.go_to(fmt::format("/sign-in?request={}", handle));
    return std::nullopt;
  }
  auto question = visit.parts().authorizations->find(visit.asked().tenant, handle,
                                                     std::optional(*visit.session()));
  if (!question) {
    visit.show_message(404, "fault.title", "consent.gone", "/account", "account.title");
    return std::nullopt;
  }
  if (!is_good_enough(*visit.session(), *question)) {
    visit.go_to(fmt::format("/sign-in?again=1&request={}", handle));
    return std::nullopt;
  }
  return *std::move(question);
}

void approve(Visit& visit, const std::string& handle) {
  const auto onward =
      visit.parts().authorizations->approve(visit.asked().tenant, handle, *visit.session());
  if (!onward) {
    return visit.show_message(404, "fault.title", "consent.gone", "/account", "account.title");
  }
  go_onward(visit, *onward, true);
}

void show_device_page(Visit& visit, int status, std::string_view user_code,
                      std::string_view fault_key) {
  page::Model model = visit.model("device.title");
  model.set("user_code", user_code);
  if (!fault_key.empty()) model.set("fault", visit.words(fault_key));
  visit.show(status, "device", model);
}

/// How long the application may go on, in days or, below two, in hours.
std::string lasting_words(const Visit& visit, std::chrono::seconds lasts) {
  if (lasts == std::chrono::seconds(0)) return visit.words("consent.session");
  const auto days = std::chrono::floor<std::chrono::days>(lasts);
  const bool is_days = days.count() > 1;
  page::Model values;
  values.set("number",
             std::to_string(is_days ? days.count()
                                    : std::chrono::ceil<std::chrono::hours>(lasts).count()));
  return visit.words(is_days ? "consent.days" : "consent.hours", values);
}

}  // namespace

std::string scope_words(const Visit& visit, const std::string& scope) {
  const std::string key = fmt::format("scope.{}", scope);
  if (visit.parts().pages.words().has(key)) return visit.words(key);
  page::Model values;
  values.set("scope", scope);
  return visit.words("scope.other", values);
}

void show_consent(Visit& visit) {
  const std::string handle = visit.request_handle();
  const auto question = question_for(visit, handle);
  if (!question) return;
  if (!question->needs_consent) return approve(visit, handle);
  page::Model model = visit.model("account.title");
  model.set("service", question->service);
  page::Model values;
  values.set("service", question->service);
  model.set("title", visit.words("consent.title", values));
  model.set("host", question->host);
  model.set("is_device", question->host.empty());
  model.set("is_self_registered", question->is_self_registered);
  model.set("lasting", lasting_words(visit, question->lasts));
  std::vector<page::Model> scopes;
  for (const std::string& scope : question->scopes) {
    scopes.emplace_back().set("text", scope_words(visit, scope));
  }
  model.set("scopes", std::move(scopes));
  visit.show(200, "consent", model);
}

void take_consent(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const std::string handle = visit.request_handle();
  if (!question_for(visit, handle)) return;
  if (form->of("do") == "allow") return approve(visit, handle);
  const auto onward =
      visit.parts().authorizations->deny(visit.asked().tenant, handle, *visit.session());
  if (!onward) {
    return visit.show_message(404, "fault.title", "consent.gone", "/account", "account.title");
  }
  go_onward(visit, *onward, false);
}

void show_device(Visit& visit) {
  if (visit.parts().authorizations == nullptr) {
    return visit.show_error({ErrorCode::kNotFound, "no device may ask here"});
  }
  std::string code;
  if (const auto query = net::read_query_string(visit.request().query)) {
    for (const net::QueryParameter& each : *query) {
      if (each.name == "user_code") code = each.value;  // filled in, never sent by itself
    }
  }
  show_device_page(visit, 200, code, {});
}

void take_device_code(Visit& visit) {
  if (visit.parts().authorizations == nullptr) {
    return visit.show_error({ErrorCode::kNotFound, "no device may ask here"});
  }
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const auto handle = visit.parts().authorizations->find_device(
      visit.asked().tenant, form->of("user_code"), visit.request().remote_address);
  if (!handle) {
    if (handle.error().code == ErrorCode::kUnavailable) return visit.show_error(handle.error());
    if (handle.error().code == ErrorCode::kResourceExhausted) {
      visit.response().headers.add("Retry-After", "60");
      return show_device_page(visit, 429, form->of("user_code"), "device.wait");
    }
    return show_device_page(visit, 403, form->of("user_code"), "device.wrong");
  }
  visit.go_to(fmt::format("/consent?request={}", *handle));
}

}  // namespace wardlock::account
