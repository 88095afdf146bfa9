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

}  // namespace
}  // namespace wardlock::config
