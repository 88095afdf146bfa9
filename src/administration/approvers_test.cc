#include "administration/approvers.h"

#include <gtest/gtest.h>

#include "administration/own_policies.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/read_from.h"

namespace wardlock::administration {
namespace {

using directory::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using directory::tested_databases;

using directory::Edit;
using directory::Thing;

class ApproversTest : public directory::HospitalForTest {
 protected:
  ApproversTest() {
    write([](Edit& edit) { return edit.enter_control_plane_roles(); });
  }
  void give(const Thing& who, const std::string& role) {
    const auto found =
        registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::" + role);
    ASSERT_TRUE(found);
    relate(
        {.relation = directory::Relation::kRoleAssignment, .subject = who.id, .object = found->id});
  }
  std::set<std::string> approvers(std::string_view tenant = "st-mary") {
    const auto found =
        directory::read_from<std::vector<std::string>>(*store_, [&](storage::Work& work) {
          return find_approvers(work, tenant, *policies_, "production", now_);
        });
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? std::set(found->begin(), found->end()) : std::set<std::string>();
  }
  using Ids = std::set<std::string>;

  std::shared_ptr<const pdp::Snapshot> policies_ = build_policies(own_policies()).value();
};
WARDLOCK_ON_EACH_DATABASE(ApproversTest);

TEST_P(ApproversTest, AreThoseWhomPoliciesLetApprove) {
  EXPECT_TRUE(approvers().empty());
  const Thing ann = person("ann");
  const Thing bo = person("bo");
  give(ann, "PolicyAuthor");
  give(ann, "Administrator");
  EXPECT_TRUE(approvers().empty());
  give(bo, "PolicyApprover");
  EXPECT_EQ(approvers(), Ids{bo.id});
  EXPECT_TRUE(approvers("st-john").empty());
}

TEST_P(ApproversTest, HaveTheirRoleThroughGroupsToo) {
  const Thing bo = person("bo");
  const Thing board = group("Board");
  give(board, "PolicyApprover");
  EXPECT_TRUE(approvers().empty()) << "a group is nobody";
  relate({.relation = directory::Relation::kMembership, .subject = bo.id, .object = board.id});
  EXPECT_EQ(approvers(), Ids{bo.id});
}

TEST_P(ApproversTest, AreAtWork) {
  const Thing bo = person("bo");
  give(bo, "PolicyApprover");
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.set_state(bo.id, std::nullopt, "suspended"));
    return {};
  });
  EXPECT_TRUE(approvers().empty());
}

}  // namespace
}  // namespace wardlock::administration
