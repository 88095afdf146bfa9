#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "authn/otp/one_time_password.h"
#include "authn/session/assurance.h"
#include "base/secret.h"
#include "crypto/seeded_hash.h"
#include "webauthn/credential.h"

namespace wardlock::authn {

struct CacheLimits {
  std::chrono::seconds remembered = std::chrono::hours(12);  ///< since it was last used here
  /// So long after the database was last heard somebody may still be let in by it.
  std::chrono::seconds without_database = std::chrono::minutes(60);
  std::size_t most = 20'000;  ///< people; who was used longest ago makes room
};

/// What is remembered of a password, an app or a passkey that was used here: what a person knows or
/// carries, wherever they are. Of secrets it has what the database has, opened: it lives in memory
/// alone.
struct RememberedAuthenticator {
  std::string id;
  std::optional<std::string> password_hash = {};
  std::optional<Secret> otp_secret = {};
  OneTimePasswordForm otp_form = {};
  std::optional<std::uint64_t> otp_last_step = {};
  std::optional<webauthn::Credential> passkey = {};
};

/// Who has signed in here lately, so that they can while the database is down. Only what somebody
/// used right is remembered, for a bounded time since; what is revoked is forgotten before the
/// revocation is acknowledged here, and nothing is used once the database has been silent for too
/// long, as a revocation elsewhere could not be heard. Codes are taken once here, too. Thread-safe.
class CachedAuthenticators {
 public:
  explicit CachedAuthenticators(const CacheLimits& limits) : limits_(limits) {}

  /// It was used right.
  void remember(std::string_view tenant, std::string_view user_name, std::string_view person,
                RememberedAuthenticator authenticator, AssuranceLevel required,
                std::int64_t now_ms);
  void forget_person(std::string_view tenant, std::string_view person);
  void forget(std::string_view tenant, std::string_view person, std::string_view authenticator);
  void forget_all();

  /// The database answered then, and nothing that it told of is unheard.
  void note_database(std::int64_t now_ms);
  bool may_be_used(std::int64_t now_ms) const;

  /// What is known of somebody.
  struct Person {
    std::string id;
    std::vector<RememberedAuthenticator> authenticators;
    AssuranceLevel required = AssuranceLevel::kAal3;  ///< as the policy said last
  };
  /// Nothing: nobody of the name is remembered, or nothing may be used any more.
  std::optional<Person> find(std::string_view tenant, std::string_view user_name,
                             std::int64_t now_ms) const;
  /// A code was taken: none up to it is taken again. False: another was quicker.
  bool take_step(std::string_view tenant, std::string_view user_name,
                 std::string_view authenticator, std::uint64_t step);

  /// Whose passkey it is.
  struct FoundPasskey {
    std::string person;
    std::string user_name;
    std::string authenticator;  ///< its id
    webauthn::Credential credential;
  };
  /// By the credential's id. Nothing: as `find`.
  std::optional<FoundPasskey> find_passkey(std::string_view tenant, std::string_view credential_id,
                                           std::int64_t now_ms) const;
  /// It was used: no answer with a counter that is not higher is taken again, where it counts.
  /// False: another was quicker, or it was forgotten.
  bool take_passkey(const FoundPasskey& found, std::string_view tenant,
                    const webauthn::Credential& after);

  std::size_t size() const;

 private:
  struct Known {
    Person person;
    std::int64_t used_ms = 0;
  };
  using Names = std::unordered_map<std::string, Known, crypto::SeededHash, std::equal_to<>>;

  const Known* known(std::string_view key, std::int64_t now_ms) const;
  void make_room();

  const CacheLimits limits_;
  mutable std::mutex mutex_;
  Names names_;  ///< by tenant and user name
  std::int64_t heard_ms_ = 0;
};

}  // namespace wardlock::authn
