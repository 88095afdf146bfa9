#include "server/card_reader.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "authn/certificate/card.h"
#include "authn/certificate/card_owner.h"
#include "server/attestation_anchors.h"
#include "x509/certificate_names.h"

namespace wardlock::server {

using account::CardRefusal;
using account::ShownCard;

Result<std::unique_ptr<CardReader>> CardReader::open(const config::Cards& settings,
                                                     const net::EgressRules& egress,
                                                     const directory::Registry& registry,
                                                     Log& log) {
  std::unique_ptr<CardReader> opened(
      new CardReader(settings, TRY(net::Egress::create(egress)), registry, log));
  opened->rules_.anchors = TRY(read_anchors(settings.anchors));
  if (!settings.intermediates.empty()) {
    opened->rules_.intermediates = TRY(read_anchors(settings.intermediates));
  }
  opened->revocations_ = TRY(authn::Revocations::create(settings.revocation, &opened->egress_));
  return opened;
}

std::string CardReader::page_url(std::string_view base_path) const {
  return fmt::format("{}{}/sign-in/card", settings_.url, base_path);
}

std::expected<ShownCard, CardRefusal> CardReader::read(std::string_view tenant,
                                                       const net::PeerCertificate& shown,
                                                       std::int64_t now_ms) {
  const std::chrono::sys_seconds now(std::chrono::seconds(now_ms / 1000));
  const auto card = authn::read_card(shown, rules_, now);
  if (!card) {
    log_.info("card_unusable", {{"reason", card.error().message}});
    return std::unexpected(CardRefusal::kUnusable);
  }
  const authn::CardStatus found = revocations_->status_of(*card, now, interruption_);
  if (const auto fault = find_fault(found)) return std::unexpected(*fault);
  const auto owner = authn::find_card_owner(registry_, tenant, *card, settings_.attribute);
  if (owner) {
    // By the certificate itself, so that one can be lost and the next one counts.
    const std::string own = x509::issuer_and_serial(card->path().front());
    return ShownCard{.person = *owner,
                     .mapping = {.place = fmt::format("issuer-serial:{}", own),
                                 .is_smartcard = card->proof() == authn::Proof::kSmartcard},
                     .is_by_grace = found.is_by_grace};
  }
  const ErrorCode code = owner.error().code;
  const bool is_nobodys = code == ErrorCode::kNotFound || code == ErrorCode::kFailedPrecondition;
  if (!is_nobodys) log_.warning("card_owner_unknown", {{"reason", owner.error().message}});
  return std::unexpected(is_nobodys ? CardRefusal::kNobody : CardRefusal::kDown);
}

/// What it says is for whoever runs the server: no names of people.
std::optional<CardRefusal> CardReader::find_fault(const authn::CardStatus& found) const {
  if (found.status.is_revoked()) return CardRefusal::kRevoked;
  if (!found.status.is_good()) {
    log_.warning("card_status_unknown", {{"reason", found.status.why}});
    return CardRefusal::kStatusUnknown;
  }
  if (found.is_by_grace) log_.warning("card_by_grace", {{"reason", found.status.why}});
  return std::nullopt;
}

}  // namespace wardlock::server
