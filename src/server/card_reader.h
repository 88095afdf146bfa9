#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/account/card_desk.h"
#include "authn/certificate/certificate_rules.h"
#include "authn/certificate/revocations.h"
#include "config/authentication_settings.h"
#include "directory/registry/registry.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "server/log.h"

namespace wardlock::server {

/// Reads people's certificates as the settings say: whose they are, and whether they were revoked.
/// Thread-safe.
class CardReader final : public account::CardDesk {
 public:
  /// All outlive it. Errors: files that cannot be used.
  static Result<std::unique_ptr<CardReader>> open(const config::Cards& settings,
                                                  const net::EgressRules& egress,
                                                  const directory::Registry& registry, Log& log);

  /// Breaks off what waits for others' servers.
  void stop() { interruption_.raise(); }

  std::string page_url(std::string_view base_path) const override;
  std::expected<account::ShownCard, account::CardRefusal> read(std::string_view tenant,
                                                               const net::PeerCertificate& shown,
                                                               std::int64_t now_ms) override;

 private:
  CardReader(const config::Cards& settings, net::Egress egress, const directory::Registry& registry,
             Log& log)
      : settings_(settings),
        rules_(settings.rules),
        egress_(std::move(egress)),
        registry_(registry),
        log_(log) {}
  std::optional<account::CardRefusal> find_fault(const authn::CardStatus& found) const;

  const config::Cards& settings_;
  authn::CertificateRules rules_;
  const net::Egress egress_;
  const directory::Registry& registry_;
  Log& log_;
  net::Interruption interruption_;
  std::unique_ptr<authn::Revocations> revocations_;
};

}  // namespace wardlock::server
