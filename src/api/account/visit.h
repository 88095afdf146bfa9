#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "administration/trail.h"
#include "api/account/authorization_desk.h"
#include "api/account/card_desk.h"
#include "api/account/pages.h"
#include "api/account/provider_desk.h"
#include "authn/account/accounts.h"
#include "authn/account/enrolment.h"
#include "authn/account/sign_in.h"
#include "authn/session/sessions.h"
#include "directory/registry/registry.h"
#include "event/event.h"
#include "net/http.h"
#include "page/cookie.h"
#include "page/forgery.h"
#include "page/form.h"
#include "page/template.h"

namespace wardlock::account {

/// What all pages work with. All outlives them and is thread-safe.
struct Parts {
  const Pages& pages;
  const page::FormTokens& form_tokens;
  authn::SignIn& sign_in;
  authn::Sessions& sessions;
  authn::Accounts& accounts;
  authn::Enrolments& enrolments;
  const directory::Registry& registry;
  AuthorizationDesk* authorizations = nullptr;  ///< null: no application may ask
  authn::PasswordPolicy passwords = {};
  CardDesk* cards = nullptr;          ///< null: nobody signs in with a certificate
  ProviderDesk* providers = nullptr;  ///< null: nobody signs in elsewhere
  bool sends_codes = false;           ///< to registered devices
  bool are_codes_restricted = false;  ///< they go over the telephone
};

/// One request, and where it came in. Borrows, for the request.
struct Asked {
  const net::HttpRequest& request;  ///< its path without the tenant's base path
  std::string_view tenant;          ///< in the directory
  std::string_view tenant_name;     ///< in the configuration: empty for the only one
  std::string_view base_path;       ///< empty, or `/name`
  std::string_view base_url;        ///< of the tenant
  std::string_view environment;     ///< where the request comes from, e.g. `bedside`
  std::int64_t now = 0;             ///< ms since the epoch
  /// Takes what is to be recorded before the answer goes out; fills in id, time and node. Error: it
  /// cannot be recorded.
  std::function<Result<void>(event::Event&)> tell;
  administration::Trail* trail = nullptr;  ///< null: there is no audit log to ask
};

/// Somebody whose authenticators may be changed here: signed in lately, or enrolling.
struct Owner {
  std::string person;
  std::string name;     ///< their user name
  std::string session;  ///< its id; empty: they are enrolling
};

/// A browser's visit: who it is, what it sent, and the page that it gets. For one request, on one
/// thread that may wait.
class Visit {
 public:
  Visit(const Parts& parts, const Asked& asked, net::HttpResponse& response);

  const Parts& parts() const { return parts_; }
  const Asked& asked() const { return asked_; }
  net::HttpResponse& response() { return response_; }
  const page::Cookies& cookies() const { return cookies_; }
  const net::HttpRequest& request() const { return asked_.request; }

  /// Who is signed in; null: nobody, or the session is locked.
  const authn::Session* session() const { return session_ ? &*session_ : nullptr; }
  /// Whose session it is that waits to be unlocked; null: none does.
  const authn::Session* locked() const { return locked_ ? &*locked_ : nullptr; }
  /// The token that the browser has by now; empty where there is no session.
  std::string_view session_token() const;
  /// A session was opened or changed: the browser gets its token, and another mark.
  void enter(authn::OpenedSession opened);
  void leave();

  /// Whose authenticators these pages are about; null: they have to sign in (anew) first.
  const Owner* owner();
  /// An enrolment's handle; empty: there is none.
  std::string_view enrolment() const;

  /// What was sent with the form; nothing: it was not sent by a page of ours, and is answered.
  const page::Form* form();

  /// The parameter of the query, or of the form: a handle of an application's request. Empty where
  /// it has not the form of one.
  std::string request_handle();
  /// It goes on with that one, whatever the request says; empty: with none.
  void carry_request(std::string_view handle);

  /// Whether the query has a parameter of the name, whatever its value.
  bool has_query(std::string_view name) const;

  /// Values that every page has.
  page::Model model(std::string_view title_key);
  std::string words(std::string_view key) const;
  std::string words(std::string_view key, const page::Model& values) const;
  void show(int status, std::string_view name, const page::Model& model);
  /// A page that says one thing, and where to go from there.
  void show_message(int status, std::string_view title_key, std::string_view text_key,
                    std::string_view link, std::string_view link_key);
  /// What an error is, in words for whoever came.
  void show_error(const Error& error);
  void go_to(std::string_view path);

  authn::SignInSource source() const;
  directory::Mandate mandate_of(std::string_view person) const;
  /// What a person is called: by others, and when they sign in. Their id where there is none.
  std::string name_of(std::string_view person) const;
  std::string user_name_of(std::string_view person) const;

 private:
  void take_session();
  std::string csrf_token();
  bool has_right_token(const page::Form& form) const;
  const std::string& browser_mark();

  const Parts& parts_;
  const Asked& asked_;
  net::HttpResponse& response_;
  page::Cookies cookies_;
  std::optional<authn::Session> session_;
  std::optional<authn::Session> locked_;
  Secret session_token_;
  std::string browser_mark_;
  std::optional<page::Form> form_;
  std::optional<std::string> carried_request_;
  std::optional<Owner> owner_;
};

// Names of cookies.
inline constexpr std::string_view kSessionCookie = "session";
inline constexpr std::string_view kBrowserCookie = "browser";
inline constexpr std::string_view kDeviceCookie = "device";
inline constexpr std::string_view kEnrolmentCookie = "enrolment";

/// Factors must have been shown so lately for changes of authenticators.
inline constexpr std::int64_t kFreshMs = std::int64_t{15} * 60 * 1000;

}  // namespace wardlock::account
