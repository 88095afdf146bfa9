#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/authorizations.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "authn/session/session.h"

namespace wardlock::oauth {

/// What a device without a keyboard shows to its person (RFC 8628, 3.2).
struct DeviceOffer {
  std::string device_code;
  std::string user_code;  ///< `BCDF-GHJK`
  std::string verification_uri;
  std::string verification_uri_complete = {};
  std::int64_t expires_in_s = 0;
  std::int64_t interval_s = 0;
};

/// What a person is asked who has typed a code.
struct PendingDevice {
  std::string client_name;
  bool is_self_registered = false;
  /// So long what is approved goes on without the session; zero: it ends with it.
  std::chrono::seconds lasts = std::chrono::seconds(0);
  std::vector<std::string> scopes;
  std::vector<std::string> audiences;
};

/// The device authorization grant: a device asks, a person says yes on another one. Who types codes
/// must be slowed down by the page: a code has 34 bits and lives ten minutes. Thread-safe.
class Devices {
 public:
  static constexpr std::int64_t kLifetimeMs = 10 * 60 * 1000;
  static constexpr std::int64_t kIntervalMs = 5'000;

  /// `parts` outlive it.
  explicit Devices(const Parts& parts) : parts_(parts) {}

  Answer<DeviceOffer> begin(const Occasion& occasion, const AuthenticatedClient& client,
                            const Parameters& parameters);

  /// Refusal kInvalidRequest: no device waits with that code, however it was typed.
  Answer<PendingDevice> find(const Occasion& occasion, std::string_view user_code) const;
  /// The person of the session says yes, who was asked in any case: the device may be anybody's
  /// (RFC 8628, 5.4).
  Answer<void> approve(const Occasion& occasion, std::string_view user_code,
                       const authn::Session& session, const Approval& approval);
  Answer<void> deny(const Occasion& occasion, std::string_view user_code);

 private:
  const Parts& parts_;
};

/// What a device that polls is given, within the transaction of `work`: the grant that somebody
/// approved, once. Refusals: kAuthorizationPending, kSlowDown, kAccessDenied, kExpiredToken,
/// kInvalidGrant.
Answer<Grant> take_device_grant(storage::Work& work, const Occasion& occasion,
                                const AuthenticatedClient& client, std::string_view device_code);

}  // namespace wardlock::oauth
