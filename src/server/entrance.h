#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/account/pages.h"
#include "api/account/visit.h"
#include "authn/account/account_watch.h"
#include "authn/account/accounts.h"
#include "authn/account/cached_authenticators.h"
#include "authn/account/enrolment.h"
#include "authn/account/sign_in.h"
#include "authn/attempt_throttle.h"
#include "authn/familiar_device.h"
#include "authn/federation/directory_passwords.h"
#include "authn/message/messages.h"
#include "authn/password/block_list.h"
#include "authn/session/person_watch.h"
#include "authn/session/sessions.h"
#include "base/error.h"
#include "config/config.h"
#include "config/messages_settings.h"
#include "page/forgery.h"
#include "server/card_reader.h"
#include "server/directory.h"
#include "server/foreign_providers.h"
#include "server/log.h"
#include "server/message_courier.h"
#include "server/metrics.h"
#include "server/pause.h"
#include "server/sign_in_tally.h"

namespace wardlock::server {

class IdentityProvider;

/// How people come into this process: their authenticators and sessions, the pages, and the threads
/// that hash passwords. Its parts are thread-safe.
class Entrance {
 public:
  /// Reads sessions, lists and anchors. All outlive it. Null where nobody signs in. Errors: what
  /// cannot be used, and why.
  /// `provider`: whose applications people sign in to; null: there are none.
  static Result<std::unique_ptr<Entrance>> open(const config::Config& config, Directory& directory,
                                                IdentityProvider* provider, Log& log);
  ~Entrance();
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  const config::Authentication& settings() const { return settings_; }
  const account::Pages& pages() const { return pages_; }
  const account::Parts& parts() const { return *parts_; }
  Directory& directory() { return directory_; }
  authn::Sessions& sessions() { return *sessions_; }
  authn::Enrolments& enrolments() { return *enrolments_; }
  SignInTally& tally() { return tally_; }
  /// Where somebody waits for a password's hash, and what comes before and after it is done.
  ErrandOffice& hashing() { return *hashing_; }
  /// Where others' servers are waited for: theirs, so that one that hangs holds up nobody else.
  ErrandOffice& abroad() { return *abroad_; }

  void add_to(Exposition& out) const;

 private:
  struct Keys {
    crypto::HmacKey devices;
    crypto::HmacKey forms;
    crypto::SymmetricKey away;
  };

  Entrance(const config::Config& config, Directory& directory, account::Pages pages,
           const Keys& keys);
  static Result<Keys> load_keys(Directory& directory);
  Result<void> load_rules();
  Result<void> start(Log& log);
  directory::Surroundings directory_surroundings() const;
  authn::AccountSurroundings surroundings();
  void make_parts();
  Result<void> follow();
  Result<void> tidy();
  Result<authn::AssuranceLevel> required(const authn::AssuranceQuestion& question) const;
  authn::PersonNews news_of_people() const;
  /// Where least is asked of the person.
  Result<authn::AssuranceLevel> least_level(std::string_view tenant, std::string_view person) const;
  void note_end(const authn::Session& session, authn::EndReason reason);
  void tend(const std::stop_token& stop, Log& log);

  const config::Authentication& settings_;
  const std::optional<config::MessageWays>& ways_;
  Directory& directory_;
  IdentityProvider* provider_ = nullptr;
  account::Pages pages_;
  std::vector<authn::BlockList> lists_;
  std::vector<const authn::BlockList*> block_lists_;
  authn::AccountRules rules_;
  authn::HashingThreads hashers_;
  authn::PasswordVerifier passwords_;
  authn::DirectoryPasswords directory_passwords_;
  authn::AttemptThrottle throttle_;
  authn::FamiliarDevice devices_;
  page::FormTokens form_tokens_;
  const crypto::SymmetricKey away_key_;
  authn::CachedAuthenticators cached_;
  SignInTally tally_;
  std::unique_ptr<authn::Sessions> sessions_;
  std::unique_ptr<authn::PersonWatch> watch_;
  std::unique_ptr<authn::AccountWatch> account_watch_;
  std::unique_ptr<authn::Accounts> accounts_;
  std::unique_ptr<authn::Enrolments> enrolments_;
  std::unique_ptr<authn::RecoveryDesk> recoveries_;
  std::unique_ptr<authn::SignIn> sign_in_;
  std::unique_ptr<CardReader> cards_;            ///< null: nobody signs in with a certificate
  std::unique_ptr<ForeignProviders> providers_;  ///< null: nobody signs in elsewhere
  std::unique_ptr<account::Parts> parts_;
  std::unique_ptr<ErrandOffice> hashing_;
  std::unique_ptr<ErrandOffice> abroad_;
  std::unique_ptr<MessageCourier> courier_;  ///< null likewise
  Pause pause_;
  std::jthread tending_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
