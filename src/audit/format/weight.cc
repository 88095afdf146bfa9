#include "audit/format/weight.h"

namespace wardlock::audit {
namespace {

Weight weight_of_success(event::Kind kind) {
  using enum event::Kind;
  switch (kind) {
    case kDecision:
    case kSearch:
    case kLogin:
    case kLogout:
    case kReview:
    case kLogRead:
    case kMessage:
    case kServiceStart:
    case kServiceStop: return Weight::kRoutine;
    case kRefusal:
    case kLoginFailed: return Weight::kRefused;
    case kConfigurationChange:
    case kPolicyChange:
    case kRoleChange:
    case kUserChange:
    case kCredentialChange:
    case kOverrideStart:
    case kOverrideUse:
    case kOverrideChange:
    case kOverrideEnd:
    case kErasure:
    case kLegalHold:
    case kRetentionRemoval:
    case kLogKeyChange:
    case kSpooled: break;
  }
  return Weight::kNotable;
}

}  // namespace

Weight weight_of(const event::Event& event) {
  switch (event.outcome) {
    case event::Outcome::kSuccess: return weight_of_success(event.kind);
    case event::Outcome::kFailure: return Weight::kRefused;
    case event::Outcome::kError: break;
  }
  return Weight::kFault;
}

}  // namespace wardlock::audit
