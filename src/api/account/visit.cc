#include "api/account/visit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/base64url.h"
#include "crypto/random.h"
#include "net/query_string.h"
#include "page/protection.h"

namespace wardlock::account {
namespace {

constexpr std::size_t kMarkBytes = 16;
constexpr std::size_t kMaxHandle = 256;
constexpr std::string_view kOfSession = "session";
constexpr std::string_view kOfBrowser = "browser";

std::string new_mark() {
  std::array<std::uint8_t, kMarkBytes> bytes = {};
  crypto::fill_random(bytes);
  return codec::to_base64url(bytes);
}

/// The first of these attributes that the person has; else the id.
std::string text_of(const directory::Registry& registry, std::string_view tenant,
                    std::string_view person, std::initializer_list<const char*> names) {
  const auto thing = registry.find(tenant, person);
  for (const char* name : names) {
    const auto* value = thing ? thing->document.json().if_contains(name) : nullptr;
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
  }
  return std::string(person);
}

/// Handles are ours; what else comes in is not carried on.
std::string handle_of(std::string_view text) {
  const bool is_one = text.size() <= kMaxHandle && std::ranges::all_of(text, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
                      });
  return is_one ? std::string(text) : std::string();
}

}  // namespace

Visit::Visit(const Parts& parts, const Asked& asked, net::HttpResponse& response)
    : parts_(parts),
      asked_(asked),
      response_(response),
      cookies_(asked.request, asked.tenant_name) {
  take_session();
}

void Visit::take_session() {
  const auto token = cookies_.find(kSessionCookie);
  if (!token || token->empty()) return;
  auto taken = parts_.sessions.take(*token, asked_.now);
  // Where it is another tenant's, it is none here.
  if (!taken || taken->session.tenant != asked_.tenant) return;
  if (taken->session.is_locked) {
    locked_ = std::move(taken->session);
    return;
  }
  session_ = std::move(taken->session);
  session_token_ = Secret(*token);
  if (!taken->new_token) return;
  session_token_ = *std::move(taken->new_token);
  cookies_.set(kSessionCookie, session_token_.reveal(), page::SameSite::kLax, std::nullopt,
               response_);
}

std::string_view Visit::session_token() const { return session_token_.reveal(); }

void Visit::enter(authn::OpenedSession opened) {
  session_ = std::move(opened.session);
  locked_.reset();
  session_token_ = std::move(opened.token);
  owner_.reset();
  cookies_.set(kSessionCookie, session_token_.reveal(), page::SameSite::kLax, std::nullopt,
               response_);
  // What somebody else may have given this browser before does not go on.
  cookies_.remove(kBrowserCookie, response_);
  cookies_.remove(kEnrolmentCookie, response_);
}

void Visit::leave() {
  session_.reset();
  locked_.reset();
  session_token_ = Secret();
  owner_.reset();
  cookies_.remove(kSessionCookie, response_);
}

std::string_view Visit::enrolment() const {
  return cookies_.find(kEnrolmentCookie).value_or(std::string_view());
}

const Owner* Visit::owner() {
  if (owner_) return &*owner_;
  const std::string_view handle = enrolment();
  if (!handle.empty()) {
    const auto enrolment = parts_.enrolments.find(asked_.tenant, Secret(handle));
    if (enrolment) {
      owner_ = Owner{
          .person = enrolment->person, .name = user_name_of(enrolment->person), .session = {}};
      return &*owner_;
    }
  }
  if (!session_) return nullptr;
  if (session_->assurance.authenticated_ms + kFreshMs < asked_.now) return nullptr;
  const auto due = parts_.sign_in.level_of_changes(*session_);
  if (!due || session_->assurance.level < *due) return nullptr;
  owner_ = Owner{
      .person = session_->person, .name = user_name_of(session_->person), .session = session_->id};
  return &*owner_;
}

const std::string& Visit::browser_mark() {
  if (!browser_mark_.empty()) return browser_mark_;
  if (const auto sent = cookies_.find(kBrowserCookie); sent && !sent->empty()) {
    browser_mark_ = *sent;
  } else {
    browser_mark_ = new_mark();
    cookies_.set(kBrowserCookie, browser_mark_, page::SameSite::kLax, std::nullopt, response_);
  }
  return browser_mark_;
}

std::string Visit::csrf_token() {
  if (session_) return parts_.form_tokens.make(kOfSession, session_->id);
  return parts_.form_tokens.make(kOfBrowser, browser_mark());
}

bool Visit::has_right_token(const page::Form& form) const {
  const std::string_view token = form.of("csrf");
  if (session_) return parts_.form_tokens.is_right(token, kOfSession, session_->id);
  const std::string_view mark = cookies_.find(kBrowserCookie).value_or(std::string_view());
  return parts_.form_tokens.is_right(token, kOfBrowser, mark);
}

const page::Form* Visit::form() {
  if (form_) return &*form_;
  if (page::refuse_other_site(request(), asked_.base_url)) {
    show_message(403, "fault.title", "fault.forgery", "/sign-in", "sign_in.title");
    return nullptr;
  }
  auto form = page::Form::read(request());
  if (!form) {
    show_message(400, "fault.title", "fault.request", "/sign-in", "sign_in.title");
    return nullptr;
  }
  if (!has_right_token(*form)) {
    show_message(403, "fault.title", "fault.forgery", "/sign-in", "sign_in.title");
    return nullptr;
  }
  form_.emplace(*std::move(form));
  return &*form_;
}

void Visit::carry_request(std::string_view handle) { carried_request_ = handle_of(handle); }

std::string Visit::request_handle() {
  if (carried_request_) return *carried_request_;
  if (form_) return handle_of(form_->of("request"));
  const auto query = net::read_query_string(request().query);
  if (!query) return {};
  for (const net::QueryParameter& each : *query) {
    if (each.name == "request") return handle_of(each.value);
  }
  return {};
}

bool Visit::has_query(std::string_view name) const {
  const auto query = net::read_query_string(request().query);
  return query && std::ranges::find(*query, name, &net::QueryParameter::name) != query->end();
}

std::string Visit::words(std::string_view key) const {
  return std::string(parts_.pages.words().of(key));
}

std::string Visit::words(std::string_view key, const page::Model& values) const {
  const auto fill = [&](std::string_view name) -> Result<std::string> {
    const auto found = values.values.find(name);
    const auto* text =
        found == values.values.end() ? nullptr : std::get_if<std::string>(&found->second);
    return text == nullptr ? std::string() : *text;
  };
  return parts_.pages.words().filled(key, fill).value_or(std::string(key));
}

page::Model Visit::model(std::string_view title_key) {
  page::Model model;
  model.set("title", words(title_key));
  model.set("lang", "en");
  model.set("base", asked_.base_path);
  model.set("assets", parts_.pages.version());
  model.set("place", asked_.tenant_name);
  model.set("layout", "narrow");
  model.set("csrf", csrf_token());
  model.set("request", request_handle());
  if (session_) {
    model.set("person", name_of(session_->person));
    model.set("ends_ms", std::to_string(std::min(session_->idle_until_ms, session_->ends_ms)));
    model.set("now_ms", std::to_string(asked_.now));
  }
  return model;
}

void Visit::show(int status, std::string_view name, const page::Model& model) {
  auto html = parts_.pages.templates().render(name, model);
  if (!html) return net::write_problem(500, "a page cannot be made", response_);
  page::write_page(status, *std::move(html), response_);
}

void Visit::show_message(int status, std::string_view title_key, std::string_view text_key,
                         std::string_view link, std::string_view link_key) {
  page::Model made = model(title_key);
  made.set("text", words(text_key));
  made.set("link", link);
  made.set("link_text", words(link_key));
  show(status, "message", made);
}

void Visit::show_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return show_message(404, "fault.title", "fault.unknown", "/account", "account.title");
    case ErrorCode::kInvalidArgument:
      return show_message(400, "fault.title", "fault.request", "/account", "account.title");
    case ErrorCode::kUnauthenticated:
      return show_message(403, "fault.title", "sign_in.expired", "/sign-in", "sign_in.title");
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kAlreadyExists:
      return show_message(403, "fault.title", "sign_in.refused", "/sign-in", "sign_in.title");
    default:
      response_.headers.add("Retry-After", "5");
      return show_message(503, "fault.title", "fault.down", "/sign-in", "sign_in.title");
  }
}

void Visit::go_to(std::string_view path) {
  page::go_to(fmt::format("{}{}", asked_.base_path, path), response_);
}

authn::SignInSource Visit::source() const {
  return {.address = std::string(request().remote_address),
          .mark = std::string(cookies_.find(kDeviceCookie).value_or(std::string_view()))};
}

directory::Mandate Visit::mandate_of(std::string_view person) const {
  return {.tenant = std::string(asked_.tenant),
          .actor_type = std::string(directory::schema_of(directory::Kind::kPerson).cedar_type),
          .actor_id = std::string(person),
          .caller = "pages",
          .source_address = std::string(request().remote_address)};
}

std::string Visit::name_of(std::string_view person) const {
  return text_of(parts_.registry, asked_.tenant, person, {"displayName", "userName"});
}

std::string Visit::user_name_of(std::string_view person) const {
  return text_of(parts_.registry, asked_.tenant, person, {"userName"});
}

}  // namespace wardlock::account
