#include "api/account/endpoints.h"

#include <algorithm>
#include <array>

#include "api/account/account_pages.h"
#include "api/account/card_pages.h"
#include "api/account/code_device_pages.h"
#include "api/account/consent_pages.h"
#include "api/account/enrol_pages.h"
#include "api/account/provider_pages.h"
#include "api/account/sign_in_pages.h"
#include "api/account/unlock_pages.h"

namespace wardlock::account {
namespace {

using Answer = void (*)(Visit&);

/// A page, and what is done with what it sends; null: it sends nothing, or shows nothing.
struct Endpoint {
  std::string_view path;
  Answer get;
  Answer post;
};

constexpr std::array<Endpoint, 23> kEndpoints = {{
    {"/sign-in", &show_sign_in, &take_step},
    {"/sign-in/card", &show_card, &take_card},
    {"/unlock", &show_unlock, &unlock},
    {"/recover", &show_recovery, nullptr},
    {"/account", &show_account, nullptr},
    {"/account/authenticator", nullptr, &end_authenticator},
    {"/account/application", nullptr, &withdraw_access},
    {"/account/session", nullptr, &end_session},
    {"/account/lock", nullptr, &lock},
    {"/account/pin", &show_pin, &set_pin},
    {"/account/badge", &show_badge, &add_badge},
    {"/account/sign-out", nullptr, &sign_out},
    {"/account/enrol", &show_choices, &take_token},
    {"/account/enrol/finish", nullptr, &finish_enrolment},
    {"/account/passkey", &show_passkey, &add_passkey},
    {"/account/totp", &show_totp, &add_totp},
    {"/account/hotp", &show_hotp, &add_hotp},
    {"/account/password", &show_password, &set_password},
    {"/account/password/strength", nullptr, &tell_strength},
    {"/account/code-device", &show_code_device, &take_code_device},
    {"/account/recovery-codes", &show_recovery_codes, &make_recovery_codes},
    {"/consent", &show_consent, &take_consent},
    {"/device", &show_device, &take_device_code},
}};

/// Of each provider of others.
constexpr Endpoint kProviderEndpoint = {kProviderPrefix, &come_from_provider, &go_to_provider};

const Endpoint* find(std::string_view path) {
  if (is_provider_path(path)) return &kProviderEndpoint;
  const auto found = std::ranges::find(kEndpoints, path, &Endpoint::path);
  return found == kEndpoints.end() ? nullptr : &*found;
}

}  // namespace

bool is_page(std::string_view path) { return find(path) != nullptr; }

bool is_asset(std::string_view path) { return path.starts_with(kAssetsPrefix); }

void answer(const Parts& parts, const Asked& asked, net::HttpResponse& response) {
  const net::HttpRequest& request = asked.request;
  const Endpoint* endpoint = find(request.path);
  if (endpoint == nullptr) return net::write_problem(404, "there is nothing here", response);
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  const Answer made = is_get ? endpoint->get : request.method == "POST" ? endpoint->post : nullptr;
  if (made == nullptr) {
    net::write_problem(405, "this page does not take that", response);
    const std::string_view allowed = endpoint->get == nullptr    ? "POST"
                                     : endpoint->post == nullptr ? "GET, HEAD"
                                                                 : "GET, HEAD, POST";
    response.headers.add("Allow", allowed);
    return;
  }
  Visit visit(parts, asked, response);
  made(visit);
}

}  // namespace wardlock::account
