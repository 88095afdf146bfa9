#include "administration/approval_rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "administration/own_policies.h"

namespace wardlock::administration {
namespace {

class ApprovalRuleTest : public testing::Test {
 protected:
  /// `policy 1, privacy 1`
  std::string needs(const pap::ChangeReach& reach, bool by_program = false) {
    const auto found = needed_approvals(*policies_, reach, by_program, 0);
    if (!found) return found.error().message;
    std::string text;
    for (const pap::ApprovalNeed& each : *found) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.meaning, each.people);
    }
    return text;
  }
  /// From then on it is said by our policies and these, ours of that id left out.
  void say(const std::string& more, const std::string& without = {}) {
    pdp::Sources sources = own_policies();
    for (pdp::Source& source : sources.policies) {
      const std::size_t at =
          without.empty() ? std::string::npos : source.text.find("@id(\"" + without + "\")");
      if (at == std::string::npos) continue;
      const std::size_t end = source.text.find(";\n", at);
      source.text.erase(at, end + 2 - at);
    }
    sources.policies.push_back({"more.cedar", more});
    const auto built = build_policies(sources);
    ASSERT_TRUE(built) << built.error().message;
    policies_ = *built;
  }

  std::shared_ptr<const pdp::Snapshot> policies_ = build_policies(own_policies()).value();
};

TEST_F(ApprovalRuleTest, EveryChangeNeedsOne) {
  EXPECT_EQ(needs({}), "policy 1");
  EXPECT_EQ(needs({.files = {"metadata"}}), "policy 1");
  EXPECT_FALSE(needed_approvals(*policies_, {}, false, 0)->front().why.empty());
}

TEST_F(ApprovalRuleTest, WhatItTouchesNeedsMore) {
  EXPECT_EQ(needs({.concerns = {"device"}}), "policy 1, clinical_safety 1");
  EXPECT_EQ(needs({.classes = {"safety"}}), "policy 1, clinical_safety 1");
  EXPECT_EQ(needs({.concerns = {"patient"}}), "policy 1, privacy 1");
  EXPECT_EQ(needs({.classes = {"export"}}), "policy 1, privacy 1");
  EXPECT_EQ(needs({.classes = {"firmware"}}), "policy 1, security 1");
  EXPECT_EQ(needs({.files = {"invariants"}}), "policy 1, security 1");
  EXPECT_EQ(needs({.classes = {"firmware"}, .concerns = {"device", "patient"}}),
            "policy 1, clinical_safety 1, privacy 1, security 1");
}

TEST_F(ApprovalRuleTest, WhatAProgramWroteTakesOneMoreInEach) {
  EXPECT_EQ(needs({}, true), "policy 2");
  EXPECT_EQ(needs({.concerns = {"patient"}}, true), "policy 2, privacy 2");
}

TEST_F(ApprovalRuleTest, AHouseMayWantMore) {
  say(R"(@id("doses") permit (principal == Wardlock::Approval::"clinical_safety",
        action == Wardlock::Action::"needApproval", resource)
        when { context.people <= 2 && resource.actions.contains("Action::\"changeDose\"") };)");
  EXPECT_EQ(needs({.actions = {"Action::\"changeDose\""}}), "policy 1, clinical_safety 2");
  say(R"(@id("many") permit (principal, action == Wardlock::Action::"needApproval", resource);)");
  EXPECT_EQ(needs({}), "policy 5, clinical_safety 5, privacy 5, security 5") << "there is an end";
}

TEST_F(ApprovalRuleTest, NoHouseMayDoWithoutASecondPerson) {
  say(R"(@id("never") forbid (principal, action == Wardlock::Action::"needApproval", resource);)");
  EXPECT_EQ(needs({}), "policy 1");
  say("", "every-change-is-approved");
  EXPECT_EQ(needs({}), "policy 1");
}

TEST_F(ApprovalRuleTest, WhatCannotBeJudgedNeedsAll) {
  EXPECT_EQ(all_approvals("it is broken").size(), kApprovals.size());
}

}  // namespace
}  // namespace wardlock::administration
