#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/certificate/certificate_rules.h"
#include "authn/session/assurance.h"
#include "base/error.h"
#include "net/peer_certificate.h"
#include "x509/certificate.h"

namespace wardlock::authn {

/// A person's certificate whose path leads to an anchor, and what it says. Whether it was revoked
/// was not asked yet.
class Card {
 public:
  CertificateName name() const { return name_; }
  /// What it says there, in one form: of e-mail addresses, UUIDs and principals the letters of
  /// ASCII in lowercase. Others stay: what folds together could be two people.
  const std::string& value() const { return value_; }
  /// As it is kept among a person's authenticators: `upn:grey@st-mary.example`.
  std::string place() const;
  /// `kSmartcard` where its policies say that it is in a card with a PIN, else `kCertificate`.
  Proof proof() const { return proof_; }
  /// From the certificate to the anchor, each followed by its issuer; at least two.
  const std::vector<x509::Certificate>& path() const { return path_; }

 private:
  friend Result<Card> read_card(const net::PeerCertificate& shown, const CertificateRules& rules,
                                std::chrono::sys_seconds now);
  Card() = default;

  CertificateName name_ = CertificateName::kPrincipal;
  std::string value_;
  Proof proof_ = Proof::kCertificate;
  std::vector<x509::Certificate> path_;
};

/// Reads the certificate of a client that has proved to hold its key. Errors, kUnauthenticated,
/// say what is wrong with it, without its names: no path to an anchor, an authority's or an
/// anchor itself, not for signing in, or no name, two of them, or one of another realm.
/// Thread-safe.
Result<Card> read_card(const net::PeerCertificate& shown, const CertificateRules& rules,
                       std::chrono::sys_seconds now);

/// A UUID in lowercase, from `urn:uuid:…`; nothing: it is none (RFC 9562, 4).
std::optional<std::string> uuid_of_urn(std::string_view uri);

}  // namespace wardlock::authn
