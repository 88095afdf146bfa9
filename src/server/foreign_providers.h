#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/account/provider_desk.h"
#include "authn/attempt_throttle.h"
#include "authn/federation/foreign_sign_in.h"
#include "base/error.h"
#include "config/foreign_provider.h"
#include "crypto/sealing_key.h"
#include "crypto/symmetric_key.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "server/log.h"

namespace wardlock::server {

/// The OpenID providers of others, as the settings name them: asks them through the egress, and
/// tells whoever runs the server what was wrong. Thread-safe.
class ForeignProviders final : public account::ProviderDesk {
 public:
  /// `settings` and `log` outlive it. `key`: seals what browsers bring back, the same in all nodes.
  /// Errors: a file or setting that cannot be used.
  static Result<std::unique_ptr<ForeignProviders>> open(
      const std::vector<config::ForeignProvider>& settings, net::EgressRules egress,
      const crypto::SymmetricKey& key, Log& log);

  /// Breaks off what waits for others' servers.
  void stop() { interruption_.raise(); }

  /// Whose accounts may be linked, for who administers.
  std::vector<std::string> issuers_of(std::string_view tenant) const;

  std::vector<account::OfferedProvider> of(std::string_view tenant) const override;
  std::expected<authn::BegunErrand, account::ProviderRefusal> begin(
      std::string_view tenant, std::string_view name, const authn::ForeignErrand& errand,
      std::int64_t now_ms) override;
  std::expected<authn::FinishedErrand, account::ProviderRefusal> finish(
      std::string_view tenant, std::string_view name, std::string_view cookie,
      std::string_view query, std::string_view source_address, std::int64_t now_ms) override;

 private:
  struct Known {
    std::string tenant;  ///< as the directory calls it
    account::OfferedProvider offered;
    std::unique_ptr<authn::ForeignSignIn> sign_in;
  };

  ForeignProviders(net::Egress egress, const crypto::SymmetricKey& key, Log& log)
      : egress_(std::move(egress)), key_(key), throttle_({}), log_(log) {}
  const Known* find(std::string_view tenant, std::string_view name) const;
  account::ProviderRefusal refusal_of(const Known& provider, const Error& error) const;

  const net::Egress egress_;
  const crypto::SealingKey key_;
  authn::AttemptThrottle throttle_;  ///< of answers that come to nothing
  Log& log_;
  net::Interruption interruption_;
  std::vector<Known> all_;
};

}  // namespace wardlock::server
