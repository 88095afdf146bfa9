#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "search/search.h"

namespace wardlock::search {
namespace {

constexpr std::string_view kApprovedSchema = R"(
  namespace Wardlock {
    type Named = { type: String, id: String };
    type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
    entity Approval = { principal: Named, target: Named, action: Action, approvers: Set<Named>,
      ticket: String, opensAt: datetime, expiresAt: datetime };
  }
  entity User;
  entity Pump;
  action update, look appliesTo { principal: User, resource: Pump,
                                  context: { approval?: Wardlock::Approved } };
)";

constexpr std::string_view kApprovedPolicies = R"(
  permit (principal, action == Action::"look", resource);
  permit (principal, action == Action::"update", resource == Pump::"p3");
  permit (principal, action == Action::"update", resource) when { context has approval };
)";

std::string entity_of(std::string_view type, std::string_view id, std::string_view attributes) {
  return fmt::format(R"({{"uid": {{"type": "{}", "id": "{}"}}, "attrs": {}, "parents": []}})", type,
                     id, attributes);
}

/// Who may be found: ann may update p1, until moment 2000.
class ApprovedSearchTest : public testing::Test {
 protected:
  ApprovedSearchTest() {
    constexpr std::string_view kApproval = R"({
      "principal": {"type": "User", "id": "ann"}, "target": {"type": "Pump", "id": "p1"},
      "action": {"__entity": {"type": "Action", "id": "update"}}, "ticket": "",
      "approvers": [{"type": "User", "id": "bob"}],
      "opensAt": {"__extn": {"fn": "datetime", "arg": "1970-01-01T00:00:00Z"}},
      "expiresAt": {"__extn": {"fn": "datetime", "arg": "1970-01-01T00:00:02Z"}}})";
    const std::string all = fmt::format(
        "[{}, {}, {}, {}, {}, {}]", entity_of("User", "ann", "{}"), entity_of("User", "bob", "{}"),
        entity_of("Pump", "p1", "{}"), entity_of("Pump", "p2", "{}"), entity_of("Pump", "p3", "{}"),
        entity_of("Wardlock::Approval", "a1", kApproval));
    const pdp::Sources sources{.policies = {{"p.cedar", std::string(kApprovedPolicies)}},
                               .schemas = {{"s.cedarschema", std::string(kApprovedSchema)}},
                               .entities = pdp::Source{"e.json", all}};
    snapshot_ = pdp::build_snapshot(sources, pdp::Mode::kStrict).value();
  }

  std::vector<std::string> find(Sought sought, std::string_view principal, std::string_view action,
                                std::string_view resource, std::int64_t now = 1000) {
    pdp::AccessRequest access;
    access.principal = {"User", principal};
    access.action = action;
    access.resource = {"Pump", resource};
    access.caller = &caller_;
    const auto found = search(*snapshot_, {sought, access}, {}, now);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? found->ids : std::vector<std::string>();
  }

  std::shared_ptr<const pdp::Snapshot> snapshot_;
  pdp::Caller caller_ = pdp::Caller::unrestricted("gateway");
};

using Ids = std::vector<std::string>;

TEST_F(ApprovedSearchTest, WhatWasApprovedIsFoundForWhomItWas) {
  EXPECT_EQ(find(Sought::kResource, "ann", "update", ""), (Ids{"p1", "p3"}));
  EXPECT_EQ(find(Sought::kResource, "bob", "update", ""), Ids{"p3"});
  EXPECT_EQ(find(Sought::kPrincipal, "", "update", "p1"), Ids{"ann"});
  EXPECT_EQ(find(Sought::kPrincipal, "", "update", "p2"), Ids());
  EXPECT_EQ(find(Sought::kAction, "ann", "", "p1"), (Ids{"look", "update"}));
  EXPECT_EQ(find(Sought::kAction, "bob", "", "p1"), Ids{"look"});
}

TEST_F(ApprovedSearchTest, AndNoLongerThanThat) {
  EXPECT_EQ(find(Sought::kResource, "ann", "update", "", 2000), Ids{"p3"});
  EXPECT_EQ(find(Sought::kPrincipal, "", "update", "p1", 2000), Ids());
}

}  // namespace
}  // namespace wardlock::search
