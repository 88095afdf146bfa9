#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/accounts.h"
#include "authn/account/cached_authenticators.h"
#include "authn/account/enrolment.h"
#include "authn/account/sign_in.h"
#include "authn/account/tables.h"
#include "authn/message/messages.h"
#include "authn/message/tables.h"
#include "authn/session/tables_for_test.h"
#include "webauthn/authenticator_for_test.h"

namespace wardlock::authn {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

inline constexpr std::string_view kTenant = "st-mary";
inline constexpr std::int64_t kSecond = 1000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::string_view kGoodPassword = "seven quiet lamps on tuesday";

/// What a browser sends for an authenticator.
std::string registration_json(const webauthn::TestAuthenticator& authenticator,
                              std::string_view options,
                              std::string_view origin = "https://example.org");
std::string assertion_json(const webauthn::TestAuthenticator& authenticator,
                           std::string_view options, std::string_view user_handle,
                           std::string_view origin = "https://example.org");
/// A member of a JSON text, decoded from base64url.
std::string bytes_in(std::string_view json, std::string_view path);

/// People with accounts, for tests.
class AccountsForTest : public HospitalWith {
 protected:
  AccountsForTest();
  ~AccountsForTest() override;

  /// Everything anew over the store, as after a start.
  void start();

  AccountChange change(const Thing& person, std::string label = "");
  /// These must succeed.
  Authenticator give_password(const Thing& person, std::string_view password = kGoodPassword);
  struct App {
    std::string id;
    Secret secret;
  };
  App give_app(const Thing& person);
  std::string code_of(const App& app) const;
  std::vector<Secret> give_recovery_codes(const Thing& person);
  Authenticator give_passkey(const Thing& person, webauthn::TestAuthenticator& authenticator);

  SignInStart from(std::string_view user_name, std::string mark = "") const;
  SignInStep begin(std::string_view user_name, std::string mark = "");
  SignInStep show_password(const SignInStep& step, std::string_view password = kGoodPassword,
                           std::string mark = "");
  SignInStep show_code(const SignInStep& step, const std::string& code, std::string mark = "");
  /// How a step ended: `done aal2 mfa otp pwd`, `wrong`, `more code recovery_code`.
  static std::string told(const Result<SignInStep>& step);

  Session open_session(const Thing& person, std::vector<std::string> authenticators);
  bool is_live(const Session& session);
  std::int64_t count(std::string_view sql) { return storage::number(*store_, sql); }
  /// What people are told since it was last asked: `authenticator_added passkey`, sorted.
  std::vector<std::string> notices();
  /// The codes that wait, the last last; they are taken.
  std::vector<Message> sent_codes();
  /// All that is kept or told, as one text.
  std::string everything_kept();

  AccountRules rules_;
  /// Done once, when the rules are asked for: of a password, after it was looked up and before it
  /// is verified.
  mutable std::function<void()> meanwhile_;
  AssuranceLevel required_ = AssuranceLevel::kAal1;
  AttemptLimits limits_ = {.free_failures = 1'000, .free_source_failures = 10'000};
  Ticks ticks_ = 1;
  bool is_cached_ = false;
  std::optional<bool> outside_password_;
  std::vector<std::string> asked_outside_;  ///< of whom; empty: of nobody
  std::unique_ptr<secrets::SecretTable> secrets_;
  std::unique_ptr<PasswordVerifier> passwords_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<CachedAuthenticators> cached_;
  std::unique_ptr<AttemptThrottle> throttle_;
  std::unique_ptr<FamiliarDevice> devices_;
  MessageSettings message_settings_ = {.has_notices = true, .has_codes = true};
  std::unique_ptr<Messages> messages_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Enrolments> enrolments_;
  std::unique_ptr<RecoveryDesk> desk_;
  std::unique_ptr<SignIn> sign_in_;
  Thing grey_ = person("grey", R"(,"displayName":"Ada Grey")");

  AccountSurroundings accounts() const;
};

}  // namespace wardlock::authn
