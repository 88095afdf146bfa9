#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "x509/certificate.h"

namespace wardlock::authn {

/// What of a certificate says whose it is.
enum class CertificateName : std::uint8_t {
  kPrincipal,        ///< the principal name of Windows (UPN), among the alternative names
  kEmail,            ///< the e-mail address there
  kUuid,             ///< the card's UUID there, `urn:uuid:…` (PIV's CHUID, SP 800-73)
  kFascN,            ///< the FASC-N there (FIPS 201), as hex digits
  kSerialNumber,     ///< `serialNumber` of the subject
  kUserId,           ///< `UID` of the subject
  kIssuerAndSerial,  ///< the certificate itself: who issued it, and its number
};
/// How a place of that kind begins, and settings name it: `upn`, `email`, `uuid`, `fasc-n`,
/// `serial-number`, `uid`, `issuer-serial`.
std::string_view to_string(CertificateName name);
std::optional<CertificateName> find_certificate_name(std::string_view text);

// What certificates are for (RFC 5280, 4.2.1.12) and under which policy PIV's were issued
// (FIPS 201-3; X.509 Certificate Policy for the U.S. Federal PKI, 1.2).
inline constexpr std::string_view kClientAuthentication = "1.3.6.1.5.5.7.3.2";
inline constexpr std::string_view kSmartcardLogon = "1.3.6.1.4.1.311.20.2.2";
inline constexpr std::string_view kPivAuthentication = "2.16.840.1.101.3.2.1.3.13";
inline constexpr std::string_view kPivInteroperable = "2.16.840.1.101.3.2.1.3.18";

/// Whose certificates sign people in, and how they are read.
struct CertificateRules {
  /// Who is believed in saying who somebody is. Beneath them everything counts: name the authority
  /// that issues the cards, not one that issues for half the world.
  std::vector<x509::Certificate> anchors;
  /// Authorities between them and the cards, for clients that do not send them.
  std::vector<x509::Certificate> intermediates = {};
  CertificateName name = CertificateName::kPrincipal;
  /// What a principal name or an e-mail address must end with, and loses: `@st-mary.example`.
  /// Empty: it is taken whole.
  std::string realm = {};
  /// One of these usages it must have.
  std::vector<std::string> usages = {std::string(kClientAuthentication),
                                     std::string(kSmartcardLogon)};
  /// Policies under which the key is in a card that opens with a PIN; where the path is valid for
  /// none of them, a certificate is one factor, and not in hardware.
  std::vector<std::string> card_policies = {std::string(kPivAuthentication),
                                            std::string(kPivInteroperable)};
};

}  // namespace wardlock::authn
