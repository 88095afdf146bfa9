#include "config/directory_settings.h"

#include <gtest/gtest.h>

#include "config/config.h"
#include "config/directory_table.h"

namespace wardlock::config {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

Parsed<Config> read(const std::string& settings) {
  return parse_config(
      "listeners: [{address: '127.0.0.1:8180'}]\npolicies: rules\n"
      "directory: {database: 'sqlite:d.db', " +
          settings + "}\n",
      "/etc/wardlock");
}

Directory sound(const std::string& settings) {
  auto config = read(settings);
  EXPECT_TRUE(config) << config.error().front().message;
  return config ? *config->directory : Directory();
}

/// The first finding.
std::string fault(const std::string& settings) {
  const auto config = read(settings);
  return config ? "sound" : config.error().front().message;
}

TEST(DirectorySettings, the_tables_have_no_empty_row) {
  for (const Setting& setting : kReview) EXPECT_FALSE(setting.name.empty());
  for (const Setting& setting : kRoleRule) EXPECT_FALSE(setting.name.empty());
  for (const Setting& setting : kBreakGlass) EXPECT_FALSE(setting.name.empty());
  for (const Setting& setting : kGlassReason) EXPECT_FALSE(setting.name.empty());
}

TEST(DirectorySettings, a_review_has_its_defaults_and_does_nothing_by_itself) {
  const directory::ReviewRules defaults;
  const directory::ReviewRules rules = sound("review: {}").review;
  EXPECT_EQ(rules.interval, defaults.interval);
  EXPECT_EQ(rules.dormant_after, defaults.dormant_after);
  EXPECT_EQ(rules.invited_after, defaults.invited_after);
  EXPECT_EQ(rules.unused_after, defaults.unused_after);
  EXPECT_EQ(rules.old_after, defaults.old_after);
  EXPECT_EQ(rules.quarantined_after, defaults.quarantined_after);
  EXPECT_EQ(rules.unreviewed_after, defaults.unreviewed_after);
  EXPECT_EQ(rules.notice, defaults.notice);
  EXPECT_FALSE(rules.suspend_dormant_after);
  EXPECT_FALSE(rules.leave_after_contract);
}

TEST(DirectorySettings, nobody_is_suspended_who_was_not_told_of) {
  EXPECT_EQ(sound("review: {suspend_dormant_after: 120d}").review.suspend_dormant_after, days(120));
  EXPECT_TRUE(fault("review: {suspend_dormant_after: 89d}").contains("`dormant_after`"));
  EXPECT_NE(fault("review: {leave_after_contract: never}"), "sound");
  EXPECT_NE(fault("review: {interval: 1ms}"), "sound");
}

TEST(DirectorySettings, groups_that_are_entered_are_somewhere) {
  const auto told = [](const std::string& groups) {
    return fault(
        "ldap: {main: {url: 'ldaps://ad', bind_dn: 'cn=reader', password_file: p, "
        "base: 'dc=example'" +
        groups + "}}");
  };
  EXPECT_EQ(told(""), "sound");
  EXPECT_EQ(told(", enter_groups: true, groups: 'ou=groups,dc=example'"), "sound");
  EXPECT_TRUE(told(", enter_groups: true").contains("`enter_groups` needs `groups`"));
}

TEST(DirectorySettings, a_rule_of_roles) {
  const Directory directory =
      sound("role_rules: {ward-nurse: {role: Nurse, title: Nurse, in_place: true, grace: 2d}}");
  ASSERT_EQ(directory.role_rules.size(), 1);
  const directory::RoleRule& rule = directory.role_rules.front();
  EXPECT_EQ(rule.name, "ward-nurse");
  EXPECT_EQ(rule.tenant, "");
  EXPECT_EQ(rule.role, "Nurse");
  EXPECT_EQ(rule.title, "Nurse");
  EXPECT_EQ(rule.organisation, "");
  EXPECT_TRUE(rule.is_in_place);
  EXPECT_EQ(rule.grace, days(2));
  EXPECT_EQ(directory.role_rules_interval, 5min);
}

TEST(DirectorySettings, no_rule_says_who_administers) {
  for (const char* role : {"Wardlock::Administrator", "wardlock::auditor", " WARDLOCK::x"}) {
    EXPECT_TRUE(fault("role_rules: {a: {role: '" + std::string(role) + "'}}").contains("no rule"))
        << role;
  }
  EXPECT_NE(fault("role_rules: {a: {}}"), "sound");
  EXPECT_NE(fault("role_rules: {a: {role: x, tenant: other}}"), "sound");
  EXPECT_NE(fault("role_rules: {A B: {role: x}}"), "sound");
  EXPECT_NE(fault("role_rules: {a: {role: x, employment_type: boss}}"), "sound");
}

TEST(DirectorySettings, roles_are_asked_for_some_hours) {
  const access::RoleRequestRules defaults;
  const access::RoleRequestRules usual = sound("keep_changes: 30d").role_requests;
  EXPECT_EQ(usual.lasts_ms, defaults.lasts_ms);
  EXPECT_EQ(usual.most_ms, defaults.most_ms);
  EXPECT_EQ(usual.answer_within_ms, defaults.answer_within_ms);
  const auto rules =
      sound("role_requests: {lasts: 2h, at_most: 7d, answer_within: 30m}").role_requests;
  EXPECT_EQ(rules.lasts_ms, 2 * access::kRequestHour);
  EXPECT_EQ(rules.most_ms, 7 * access::kRequestDay);
  EXPECT_EQ(rules.answer_within_ms, 30 * access::kRequestMinute);
  for (const char* wrong : {"at_most: 8d", "lasts: 9h", "lasts: 10s", "at_most: 30m",
                            "answer_within: 0s", "answer_within: 32d", "unknown: 1"}) {
    EXPECT_NE(fault("role_requests: {" + std::string(wrong) + "}"), "sound") << wrong;
  }
}

TEST(DirectorySettings, approvals_count_for_an_hour) {
  const access::RoleRequestRules usual = sound("keep_changes: 30d").approvals;
  EXPECT_EQ(usual.lasts_ms, access::kRequestHour);
  EXPECT_EQ(usual.most_ms, access::kUsualApprovals.most_ms);
  EXPECT_EQ(usual.answer_within_ms, access::kRequestDay);
  const auto rules = sound("approvals: {lasts: 10m, at_most: 24h, answer_within: 30m}").approvals;
  EXPECT_EQ(rules.lasts_ms, 10 * access::kRequestMinute);
  EXPECT_EQ(rules.most_ms, access::kRequestDay);
  for (const char* wrong : {"at_most: 25h", "lasts: 61m", "lasts: 10s", "at_most: 30m",
                            "answer_within: 0s", "answer_within: 32d", "unknown: 1"}) {
    EXPECT_NE(fault("approvals: {" + std::string(wrong) + "}"), "sound") << wrong;
  }
}

TEST(DirectorySettings, the_glass_is_not_broken_without_a_reason) {
  const access::GlassRules defaults;
  const access::GlassRules rules = sound("keep_changes: 30d").break_glass;
  EXPECT_TRUE(rules.reasons.empty());
  EXPECT_EQ(rules.lasts_ms, defaults.lasts_ms);
  EXPECT_EQ(rules.most_ms, defaults.most_ms);
  EXPECT_EQ(rules.warn_before_ms, defaults.warn_before_ms);
  EXPECT_EQ(rules.shift_ms, defaults.shift_ms);
  EXPECT_EQ(rules.per_shift, defaults.per_shift);
  EXPECT_EQ(rules.authenticated_within_ms, defaults.authenticated_within_ms);
  EXPECT_EQ(rules.review_within_ms, defaults.review_within_ms);
  EXPECT_EQ(rules.escalated_review_within_ms, defaults.escalated_review_within_ms);
}

TEST(DirectorySettings, a_reason_says_what_it_opens) {
  const access::GlassRules rules =
      sound(
          "break_glass: {reasons: {emergency: {about: An emergency, actions: [view, edit], waives: "
          "[confidential]}}, lasts: 2h, at_most: 8h, warn_before: 5m, per_shift: 5, shift: 8h}")
          .break_glass;
  ASSERT_EQ(rules.reasons.size(), 1U);
  EXPECT_EQ(rules.reasons[0].code, "emergency");
  EXPECT_EQ(rules.reasons[0].about, "An emergency");
  EXPECT_EQ(rules.reasons[0].actions, (std::vector<std::string>{"view", "edit"}));
  EXPECT_EQ(rules.reasons[0].waives, std::vector<std::string>{"confidential"});
  EXPECT_EQ(rules.lasts_ms, 2 * access::kGlassHour);
  EXPECT_EQ(rules.most_ms, 8 * access::kGlassHour);
  EXPECT_EQ(rules.per_shift, 5U);
}

TEST(DirectorySettings, a_grant_lasts_for_hours_and_not_for_days) {
  for (const char* wrong :
       {"at_most: 25h", "at_most: 2d", "lasts: 5h, at_most: 4h", "lasts: 10s", "warn_before: 4h",
        "per_shift: 0", "escalated_review_within: 4d", "reasons: {a: {about: x}}",
        "reasons: {a: {actions: [view]}}", "reasons: {a: {about: x, actions: []}}",
        "reasons: {A B: {about: x, actions: [view]}}", "reasons: [emergency]", "lasts: forever",
        "unknown: 1"}) {
    EXPECT_NE(fault("break_glass: {" + std::string(wrong) + "}"), "sound") << wrong;
  }
}

}  // namespace
}  // namespace wardlock::config
