#include "x509/revocation.h"

#include <utility>

namespace wardlock::x509 {

std::string_view to_string(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::kUnspecified: return "unspecified";
    case RevocationReason::kKeyCompromise: return "keyCompromise";
    case RevocationReason::kCaCompromise: return "cACompromise";
    case RevocationReason::kAffiliationChanged: return "affiliationChanged";
    case RevocationReason::kSuperseded: return "superseded";
    case RevocationReason::kCessationOfOperation: return "cessationOfOperation";
    case RevocationReason::kCertificateHold: return "certificateHold";
    case RevocationReason::kPrivilegeWithdrawn: return "privilegeWithdrawn";
    case RevocationReason::kAaCompromise: return "aACompromise";
  }
  __builtin_unreachable();
}

RevocationStatus RevocationStatus::good() { return {.kind = Kind::kGood, .why = {}}; }

RevocationStatus RevocationStatus::unknown(std::string why) {
  RevocationStatus status;
  status.why = std::move(why);
  return status;
}

}  // namespace wardlock::x509
