#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "api/account/authorization_desk.h"
#include "authn/attempt_throttle.h"
#include "authn/oauth/provider.h"
#include "authn/rate_limit.h"
#include "authn/session/session.h"
#include "base/error.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/logout_courier.h"
#include "server/pause.h"
#include "server/person_limits.h"
#include "server/registration_door.h"
#include "storage/store.h"

namespace wardlock::server {

/// OAuth and OpenID Connect of this process: what pages ask of it, a thread that ends what rests on
/// sessions that ended, makes keys, and forgets what is over, and one that tells applications.
/// Thread-safe.
class IdentityProvider final : public account::AuthorizationDesk {
 public:
  /// All outlive it. Null where nobody signs in. Errors: what cannot be used, and why.
  static Result<std::unique_ptr<IdentityProvider>> open(const config::Config& config,
                                                        Directory& directory, Log& log);
  ~IdentityProvider() override;

  oauth::Provider& rules() { return *rules_; }
  /// Who may have clients register.
  RegistrationDoor& registration_door() { return registration_door_; }

  /// A session has ended: what was granted in it ends on the thread for that, which finds it in the
  /// database.
  void note_ended() { pause_.wake(); }
  /// Somebody has left or is suspended: likewise all that they granted.
  void note_person_ended(std::string_view tenant, std::string_view person);
  /// Anybody may have: who has is looked up there.
  void note_people_changed();

  /// How much somebody who signed in may ask of the directory, over whichever application.
  std::shared_ptr<authn::RateLimit> limit_of(std::string_view tenant, std::string_view person);

  Result<account::AuthorizationQuestion> find(
      std::string_view tenant, std::string_view handle,
      const std::optional<authn::Session>& session) override;
  Result<account::Onward> approve(std::string_view tenant, std::string_view handle,
                                  const authn::Session& session) override;
  Result<account::Onward> deny(std::string_view tenant, std::string_view handle,
                               const authn::Session& session) override;
  Result<std::string> find_device(std::string_view tenant, std::string_view user_code,
                                  std::string_view source_address) override;
  Result<std::vector<account::AllowedApplication>> allowed_by(std::string_view tenant,
                                                              std::string_view person) override;
  Result<void> withdraw(std::string_view application, const authn::Session& session,
                        std::string_view source_address) override;

 private:
  IdentityProvider(const config::Config& config, Directory& directory);
  Result<void> start(Log& log);
  void tend(const std::stop_token& stop, Log& log);
  Result<void> tend_once();
  Result<void> enter_own_clients();
  Result<void> end_of_people();
  Result<void> look_at_people();
  Result<authn::AssuranceLevel> required_of(std::string_view tenant,
                                            const std::vector<std::string>& scopes,
                                            const std::optional<authn::Session>& session) const;
  Result<void> record(storage::Work& work, const oauth::Occasion& occasion,
                      const event::Event& event) const;
  Result<std::string> fetch_keys(const std::string& url, Log& log) const;
  std::string device_handle(std::string_view tenant, std::string_view user_code) const;
  std::optional<std::string> user_code_of(std::string_view tenant, std::string_view handle) const;
  Result<account::Onward> onward(const oauth::Occasion& occasion,
                                 const oauth::Answer<oauth::ReturnAnswer>& answer);

  const config::Config& config_;
  Directory& directory_;
  authn::AttemptThrottle throttle_;  ///< of user codes
  std::optional<crypto::HmacKey> device_key_;
  std::optional<net::Egress> egress_;  ///< for keys that clients publish
  net::Interruption interruption_;
  std::unique_ptr<oauth::Provider> rules_;
  std::unique_ptr<LogoutCourier> courier_;
  std::mutex mutex_;
  std::deque<oauth::GonePerson> gone_;        ///< under the mutex
  std::atomic<bool> looks_at_people_ = true;  ///< at the start, and where it is not known who went
  PersonLimits limits_;
  RegistrationDoor registration_door_;
  Pause pause_;
  std::unique_ptr<storage::Listening> listening_;
  std::jthread tending_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
