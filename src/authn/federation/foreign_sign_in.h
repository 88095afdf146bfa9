#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "authn/federation/id_token.h"
#include "authn/federation/provider_documents.h"
#include "authn/federation/provider_settings.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/sealing_key.h"
#include "net/egress.h"
#include "net/interruption.h"

namespace wardlock::authn {

/// What somebody goes to a provider for.
enum class ForeignPurpose : std::uint8_t {
  kSignIn,  ///< to be recognised by an account that is linked already
  kLink,    ///< to link an account; only for who has signed in, or was invited
};

/// An errand to a provider, and back.
struct ForeignErrand {
  ForeignPurpose purpose = ForeignPurpose::kSignIn;
  /// For linking: what it was begun in, a session's id or an enrolment's, never empty. Who comes
  /// back must be in the same, or nothing is linked.
  std::string bound_to = {};
  std::string return_to = {};  ///< the caller's own, at most 1 KiB
  /// They are to show their factors there anew, and their sign-in of then is all that counts.
  bool is_anew = false;
};

/// Where a browser is sent, and what it is to bring back.
struct BegunErrand {
  std::string url;
  Secret cookie;  ///< for a cookie of this browser alone: sealed, ASCII, less than 4 KiB
};
/// Who came back.
struct FinishedErrand {
  ForeignIdentity identity;
  ForeignErrand errand;
};

/// Signing in at one provider of a tenant: authorization code with PKCE, `state`, `nonce` and `iss`
/// (OpenID Connect Core 1.0, 3.1; RFC 7636, 9207, 9700). What a browser must bring back is sealed
/// in its own cookie, so that no other browser finishes what it began, no provider's answer is
/// taken for another's, and nothing is kept here. Whose account it is, is not decided here: it is
/// whoever `issuer` and `subject` are linked with, and nobody by an e-mail address.
///
/// Waits for the provider: for threads that may. Thread-safe.
class ForeignSignIn {
 public:
  /// So long a browser may be away.
  static constexpr std::chrono::seconds kLifetime = std::chrono::minutes(10);

  using FillRandom = std::function<void(std::span<std::uint8_t>)>;

  /// `egress` and `key`, which all nodes share, outlive it. Errors: as `check_provider`
  /// and `check_proof`.
  static Result<std::unique_ptr<ForeignSignIn>> create(ProviderSettings settings,
                                                       const net::Egress& egress,
                                                       const crypto::SealingKey& key,
                                                       FillRandom fill_random);

  /// Errors: kInvalidArgument, the errand is not one; those of `ProviderDocuments`.
  Result<BegunErrand> begin(const ForeignErrand& errand, std::chrono::sys_seconds now,
                            const net::Interruption& interruption);

  /// `query`: with what the browser came to the redirect address. The cookie is to be taken away,
  /// whatever comes of it. Errors: kUnauthenticated, with the check that failed, for the log;
  /// kFailedPrecondition, the provider says that it was refused there; those of
  /// `ProviderDocuments`.
  Result<FinishedErrand> finish(std::string_view cookie, std::string_view query,
                                std::chrono::sys_seconds now,
                                const net::Interruption& interruption);

  const ProviderSettings& settings() const { return settings_; }

 private:
  struct Away;
  struct Answer;
  ForeignSignIn(ProviderSettings settings, const net::Egress& egress, const crypto::SealingKey& key,
                FillRandom fill_random);

  std::string random_text() const;
  std::string belongs_to() const;
  std::string max_age_of(const ForeignErrand& errand) const;
  Secret seal(const Away& away) const;
  Result<Away> open(std::string_view cookie, std::chrono::sys_seconds now) const;
  Result<Answer> read_answer(std::string_view query, const Away& away, bool says_issuer) const;
  Result<std::string> redeem(const Answer& answer, const Away& away, const std::string& endpoint,
                             std::chrono::sys_seconds now,
                             const net::Interruption& interruption) const;

  const ProviderSettings settings_;
  const net::Egress& egress_;
  const crypto::SealingKey& key_;
  const FillRandom fill_random_;
  ProviderDocuments documents_;
};

}  // namespace wardlock::authn
