#include "audit/format/dicom_code.h"

#include <array>

namespace wardlock::audit {
namespace {

constexpr DicomCode kSoftware{"110131", "Software Configuration"};
constexpr DicomCode kSecurity{"110129", "Security Configuration"};
constexpr DicomCode kRoles{"110136", "Security Roles Changed"};
constexpr DicomCode kUsers{"110137", "User Security Attributes Changed"};
constexpr DicomCode kObjects{"110135", "Object Security Attributes Changed"};

}  // namespace

DicomEvent dicom_event_of(event::Kind kind) {
  using enum event::Kind;
  switch (kind) {
    case kDecision:
    case kRefusal:
    case kOverrideUse: return {kSecurityAlert, kAccessDecision};
    case kSearch: return {kQuery, {}};
    case kLogin:
    case kLoginFailed: return {kUserAuthentication, {"110122", "Login"}};
    case kLogout: return {kUserAuthentication, {"110123", "Logout"}};
    case kConfigurationChange: return {kSecurityAlert, kSoftware};
    case kPolicyChange:
    case kLogKeyChange: return {kSecurityAlert, kSecurity};
    case kRoleChange: return {kSecurityAlert, kRoles};
    case kUserChange:
    case kMessage:
    case kCredentialChange: return {kSecurityAlert, kUsers};
    case kOverrideStart: return {kSecurityAlert, {"110127", "Emergency Override Started"}};
    case kOverrideEnd: return {kSecurityAlert, {"110138", "Emergency Override Stopped"}};
    case kOverrideChange:
    case kReview: return {kSecurityAlert, {"110132", "Use of Restricted Function"}};
    case kErasure:
    case kRetentionRemoval:
    case kLegalHold: return {kSecurityAlert, kObjects};
    case kServiceStart: return {kApplicationActivity, {"110120", "Application Start"}};
    case kServiceStop: return {kApplicationActivity, {"110121", "Application Stop"}};
    case kLogRead: return {kAuditLogUsed, {}};
    case kSpooled: break;
  }
  return {kSecurityAlert, {"110134", "Audit Recording Started"}};
}

std::string_view outcome_indicator(event::Outcome outcome) {
  static constexpr std::array<std::string_view, 3> kIndicators = {"0", "4", "8"};
  return kIndicators[static_cast<std::size_t>(outcome)];
}

}  // namespace wardlock::audit
