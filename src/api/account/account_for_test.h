#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/account/endpoints.h"
#include "authn/attempt_throttle.h"
#include "authn/familiar_device.h"
#include "authn/message/messages.h"
#include "authn/session/person_watch.h"
#include "crypto/random.h"
#include "directory/registry/hospital_for_test.h"
#include "secrets/sealer.h"
#include "secrets/secret_table.h"
#include "tables/tables.h"

namespace wardlock::account {

/// A browser before the pages of a hospital, on each database.
class PagesForTest : public directory::HospitalForTest {
 protected:
  PagesForTest();

  struct Page {
    int status = 0;
    std::string location;  ///< where it sends the browser
    std::string html;
    std::vector<std::string> set_cookies;
  };
  using Fields = std::map<std::string, std::string>;

  /// What the browser gets. It keeps cookies.
  Page get(std::string_view path, std::string_view query = {});
  /// With the token and handle of the page that was got last; `fields` goes before them.
  Page post(std::string_view path, Fields fields);
  /// As it is, with these headers.
  Page send(std::string_view method, std::string_view path, std::string_view query,
            std::string_view body, std::vector<net::HttpHeader> headers);

  /// The person enrols a password with an invitation.
  void invite(const directory::Thing& person, std::string_view password);
  Page sign_in(std::string_view user, std::string_view password);
  /// The value of the last page's hidden field.
  std::string hidden(std::string_view name) const;
  static std::string urlencoded(const Fields& fields);

  authn::AssuranceLevel required_ = authn::AssuranceLevel::kAal1;
  std::map<std::string, std::string> cookies_;
  bool is_secure_ = true;
  std::string environment_ = "office";
  bool can_record_ = true;
  std::vector<std::string> recorded_;  ///< kind, principal and session of events
  std::string last_html_;
  AuthorizationDesk* authorizations_ = nullptr;
  administration::Trail* trail_ = nullptr;
  ProviderDesk* providers_ = nullptr;

  static constexpr std::string_view kTenant = "st-mary";
  static constexpr std::string_view kPassword = "correct zebra battery staple";

  std::unique_ptr<secrets::SecretTable> secrets_;
  authn::AccountRules rules_;
  const authn::BlockList* lists_[1] = {&authn::common_passwords()};
  authn::PasswordVerifier passwords_{crypto::Argon2idCost()};
  authn::AttemptThrottle throttle_{authn::AttemptLimits()};
  authn::FamiliarDevice devices_{crypto::HmacKey("devices")};
  page::FormTokens tokens_{crypto::HmacKey("forms")};
  Pages pages_ = Pages::build().value();
  std::unique_ptr<authn::Sessions> sessions_;
  bool sends_codes_ = false;
  bool are_codes_restricted_ = false;
  std::unique_ptr<authn::Messages> messages_;
  std::unique_ptr<authn::Accounts> accounts_;
  std::unique_ptr<authn::Enrolments> enrolments_;
  std::unique_ptr<authn::SignIn> sign_in_;

 private:
  void keep(const std::string& set_cookie);
};

}  // namespace wardlock::account
