#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "authn/account/accounts.h"
#include "net/peer_certificate.h"

namespace wardlock::account {

/// A certificate that counts, and whose it is.
struct ShownCard {
  std::string person;                 ///< in force in the directory
  authn::CertificateMapping mapping;  ///< its place is this one certificate's
  bool is_by_grace = false;           ///< nothing newer is known of its revocation
};

/// Why a certificate lets nobody in.
enum class CardRefusal : std::uint8_t {
  kUnusable,       ///< none for signing in, of nobody who is believed, or without a name
  kRevoked,        ///< somebody who may has revoked it
  kStatusUnknown,  ///< nobody says whether it was revoked
  kNobody,         ///< it is nobody's who may sign in, or of several people
  kEnded,          ///< its owner lost it, or it was taken away here
  kDown,           ///< the directory cannot be asked now
};
/// For the audit log: `card_revoked`.
std::string_view to_string(CardRefusal refusal);

/// Reads the certificates of people. Thread-safe.
class CardDesk {
 public:
  virtual ~CardDesk() = default;

  /// Where the listener that asks for certificates shows the page, for the tenant with that base
  /// path.
  virtual std::string page_url(std::string_view base_path) const = 0;

  /// `shown` was proved to be the client's when it connected. Waits for others' servers.
  virtual std::expected<ShownCard, CardRefusal> read(std::string_view tenant,
                                                     const net::PeerCertificate& shown,
                                                     std::int64_t now_ms) = 0;
};

}  // namespace wardlock::account
