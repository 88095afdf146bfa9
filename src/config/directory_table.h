#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of a key for secrets: an item of `directory.secret_keys`.
inline constexpr std::size_t kSecretKeySettings = 6;
extern const Setting kSecretKey[kSecretKeySettings];

/// The settings of a source of people: `directory.ldap.NAME`.
inline constexpr std::size_t kLdapSettings = 17;
extern const Setting kLdap[kLdapSettings];

/// The settings of reviews: `directory.review`.
inline constexpr std::size_t kReviewSettings = 10;
extern const Setting kReview[kReviewSettings];

/// The settings of a rule that gives a role: `directory.role_rules.NAME`.
inline constexpr std::size_t kRoleRuleSettings = 8;
extern const Setting kRoleRule[kRoleRuleSettings];

/// The settings of a reason for breaking the glass: `directory.break_glass.reasons.NAME`.
inline constexpr std::size_t kGlassReasonSettings = 3;
extern const Setting kGlassReason[kGlassReasonSettings];

/// The settings of who is told of it: `directory.break_glass.tells`.
inline constexpr std::size_t kGlassNoticeSettings = 3;
extern const Setting kGlassNotices[kGlassNoticeSettings];

/// The settings of breaking the glass: `directory.break_glass`.
inline constexpr std::size_t kBreakGlassSettings = 10;
extern const Setting kBreakGlass[kBreakGlassSettings];

/// The settings of roles that people ask for: `directory.role_requests`.
inline constexpr std::size_t kRoleRequestSettings = 3;
extern const Setting kRoleRequests[kRoleRequestSettings];

/// The settings of approvals of actions: `directory.approvals`.
inline constexpr std::size_t kApprovalSettings = 3;
extern const Setting kApprovals[kApprovalSettings];

}  // namespace wardlock::config
