#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "x509/certificate.h"

namespace wardlock::x509 {

/// Whom a certificate is for, beside its subject (RFC 5280, 4.2.1.6), in its order. Texts are as
/// they were written: UTF-8 for principals, visible ASCII for the others.
struct AlternativeNames {
  std::vector<std::string> emails;
  std::vector<std::string> uris;
  std::vector<std::string> principals;  ///< of Windows (1.3.6.1.4.1.311.20.2.3): `grey@st-mary`
  std::vector<std::string> fasc_ns;     ///< of PIV (FIPS 201, 2.16.840.1.101.3.6.6): lowercase hex
};

/// Error kInvalidArgument: there are two lists of them, or one that is malformed; or a name has
/// characters with which others could take it for another one.
Result<AlternativeNames> alternative_names(const Certificate& certificate);

/// Who issued it, as RFC 4514 writes names, `#`, and its serial number in capital hex digits: no
/// two certificates of one authority have the same.
std::string issuer_and_serial(const Certificate& certificate);

/// Where it says that its CRL lies (RFC 5280, 4.2.1.13), and that a responder answers (4.2.2.1):
/// what it names by `https:` or `http:`.
std::vector<std::string> crl_addresses(const Certificate& certificate);
std::vector<std::string> ocsp_addresses(const Certificate& certificate);

}  // namespace wardlock::x509
