#include "api/account/card_pages.h"

#include <fmt/format.h>

#include <utility>

#include "api/account/card_desk.h"
#include "api/account/sign_in_pages.h"

namespace wardlock::account {
namespace {

using authn::SignInStart;

/// Counted among the tries from there, and on record with why.
void refuse(Visit& visit, const SignInStart& start, CardRefusal why) {
  if (why == CardRefusal::kDown) {
    visit.response().headers.add("Retry-After", "5");
    return visit.show_message(503, "fault.title", "fault.down", "/sign-in", "sign_in.title");
  }
  const std::string tried = "refused:" + visit.request().peer_certificate->fingerprint;
  finish_step(visit, visit.parts().sign_in.show_certificate(start, tried), start, to_string(why));
}

/// Whether the card is, or is made, one of its owner's authenticators that counts.
std::expected<void, CardRefusal> enter(Visit& visit, const ShownCard& card) {
  authn::Accounts& accounts = visit.parts().accounts;
  const Asked& asked = visit.asked();
  const auto known = accounts.find_certificate(asked.tenant, card.person, card.mapping.place);
  if (known && known->is_good_at(asked.now)) return {};
  if (known) return std::unexpected(CardRefusal::kEnded);
  if (known.error().code != ErrorCode::kNotFound) return std::unexpected(CardRefusal::kDown);
  const auto mapped = accounts.map_certificate({.mandate = visit.mandate_of(card.person),
                                                .person = card.person,
                                                .label = {},
                                                .expires_ms = {}},
                                               card.mapping);
  if (mapped) return {};
  return std::unexpected(mapped.error().code == ErrorCode::kUnavailable ? CardRefusal::kDown
                                                                        : CardRefusal::kNobody);
}

}  // namespace

std::string_view to_string(CardRefusal refusal) {
  switch (refusal) {
    case CardRefusal::kUnusable: return "card_unusable";
    case CardRefusal::kRevoked: return "card_revoked";
    case CardRefusal::kStatusUnknown: return "card_status_unknown";
    case CardRefusal::kNobody: return "card_of_nobody";
    case CardRefusal::kEnded: return "card_ended";
    case CardRefusal::kDown: return "unavailable";
  }
  __builtin_unreachable();
}

void show_card(Visit& visit) {
  if (visit.parts().cards == nullptr) {
    return visit.show_message(404, "fault.title", "fault.unknown", "/sign-in", "sign_in.title");
  }
  if (visit.request().peer_certificate == nullptr) {
    return visit.show_message(403, "card.title", "card.none", "/sign-in", "sign_in.title");
  }
  visit.show(200, "card", visit.model("card.title"));
}

void take_card(Visit& visit) {
  if (visit.form() == nullptr) return;
  const net::PeerCertificate* shown = visit.request().peer_certificate;
  if (visit.parts().cards == nullptr || shown == nullptr) return show_card(visit);
  const SignInStart start = start_of(visit, "");
  const auto card = visit.parts().cards->read(visit.asked().tenant, *shown, visit.asked().now);
  if (!card) return refuse(visit, start, card.error());
  if (const auto entered = enter(visit, *card); !entered) {
    return refuse(visit, start, entered.error());
  }
  finish_step(visit, visit.parts().sign_in.show_certificate(start, card->mapping.place), start,
              card->is_by_grace ? "card_by_grace" : "");
}

}  // namespace wardlock::account
