#include "administration/assurance_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "administration/own_policies.h"

namespace wardlock::administration {
namespace {

/// 1 to 3; 0: they are not let in.
std::int64_t level(const std::string& environment, const std::string& purpose,
                   const std::vector<std::string>& roles = {},
                   const pdp::Sources& sources = own_policies()) {
  const auto policies = build_policies(sources).value();
  const auto required = required_level(
      *policies, {.person = "p", .roles = roles, .environment = environment, .purpose = purpose},
      0);
  return required ? *required : 0;
}

TEST(AssuranceGate, TakesOneProofInside) {
  EXPECT_EQ(level("bedside", "account"), 1);
  EXPECT_EQ(level("office", "application"), 1);
}

TEST(AssuranceGate, DemandsTwoProofsFromOutside) {
  EXPECT_EQ(level("remote", "account"), 2);
  EXPECT_EQ(level("remote", "application"), 2);
}

TEST(AssuranceGate, DemandsTwoProofsOfAdministrators) {
  EXPECT_EQ(level("office", "account", {"Auditor"}), 2);
}

TEST(AssuranceGate, DemandsTwoProofsForWhatCanDoHarm) {
  for (const char* purpose : {"administration", "configuration", "firmware", "break-glass"}) {
    EXPECT_EQ(level("bedside", purpose), 2) << purpose;
  }
}

TEST(AssuranceGate, TakesAnUnknownPurposeForAnApplications) {
  EXPECT_EQ(level("bedside", ""), 1);
  EXPECT_EQ(level("remote", "whatever"), 2);
}

TEST(AssuranceGate, LetsNobodyInWhomPoliciesForbid) {
  pdp::Sources sources = own_policies();
  sources.policies.push_back({"own.cedar", R"(@id("closed") @reason("Closed.") forbid (principal,
        action == Wardlock::Action::"signIn", resource);)"});
  EXPECT_EQ(level("bedside", "account", {}, sources), 0);
}

TEST(AssuranceGate, AsksPoliciesAndNotCode) {
  pdp::Sources sources = own_policies();
  sources.policies.push_back({"own.cedar", R"(@id("keys") @reason("Keys.") forbid (principal,
        action == Wardlock::Action::"signIn", resource)
        when { context.authentication.level < 3 };)"});
  EXPECT_EQ(level("bedside", "account", {}, sources), 3);
}

}  // namespace
}  // namespace wardlock::administration
