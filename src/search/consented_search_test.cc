#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "search/search.h"

namespace wardlock::search {
namespace {

constexpr std::string_view kSchema = R"(
  namespace Wardlock {
    type Named = { type: String, id: String };
    type Provision = { place: String, permits: Bool, beginsAt?: datetime, endsAt?: datetime,
      purposes?: Set<String>, actors?: Set<Named>, actions?: Set<String>, labels?: Set<String>,
      classes?: Set<String> };
    entity Consent = { patient: Named, provisions: Set<Provision> };
    type Consented = { refused: Bool, refusedInEmergency: Bool, permitted: Bool,
      agreed: Set<String>, provisions: Set<String> };
  }
  entity User;
  @audit("patient") entity Patient;
  action view, export appliesTo { principal: User, resource: Patient,
                                  context: { purpose?: String, consent?: Wardlock::Consented } };
)";

constexpr std::string_view kPolicies = R"(
  permit (principal, action == Action::"view", resource);
  permit (principal, action == Action::"export", resource)
    when { context has consent && context.consent.agreed.contains("HRESCH") };
  forbid (principal, action, resource) when { context has consent && context.consent.refused };
)";

std::string entity(std::string_view type, std::string_view id, std::string_view attributes = "{}") {
  return fmt::format(R"({{"uid": {{"type": "{}", "id": "{}"}}, "attrs": {}, "parents": []}})", type,
                     id, attributes);
}

std::string consent(std::string_view patient, std::string_view provision) {
  return entity(
      "Wardlock::Consent", fmt::format("of-{}", patient),
      fmt::format(R"({{"patient": {{"type": "Patient", "id": "{}"}}, "provisions": [{}]}})",
                  patient, provision));
}

/// Who may be found: p1 agreed to research, p2 refuses ann, p3 has said nothing.
class ConsentedSearchTest : public testing::Test {
 protected:
  ConsentedSearchTest() {
    const std::string all = fmt::format(
        "[{}, {}, {}, {}, {}, {}, {}]", entity("User", "ann"), entity("User", "bob"),
        entity("Patient", "p1"), entity("Patient", "p2"), entity("Patient", "p3"),
        consent("p1", R"({"place": "1", "permits": true, "purposes": ["HRESCH"]})"),
        consent("p2",
                R"({"place": "1", "permits": false, "actors": [{"type": "User", "id": "ann"}]})"));
    pdp::Sources sources{.policies = {{"p.cedar", std::string(kPolicies)}},
                         .schemas = {{"s.cedarschema", std::string(kSchema)}},
                         .entities = pdp::Source{"e.json", all}};
    snapshot_ = pdp::build_snapshot(sources, pdp::Mode::kStrict).value();
  }

  std::vector<std::string> find(Sought sought, std::string_view principal, std::string_view action,
                                std::string_view resource) {
    pdp::AccessRequest access;
    access.principal = {"User", principal};
    access.action = action;
    access.resource = {"Patient", resource};
    access.caller = &caller_;
    const auto found = search(*snapshot_, {sought, access}, {}, 1000);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? found->ids : std::vector<std::string>();
  }

  std::shared_ptr<const pdp::Snapshot> snapshot_;
  pdp::Caller caller_ = pdp::Caller::unrestricted("gateway");
};

using Ids = std::vector<std::string>;

TEST_F(ConsentedSearchTest, WhatIsRefusedIsNotFound) {
  EXPECT_EQ(find(Sought::kResource, "ann", "view", ""), (Ids{"p1", "p3"}));
  EXPECT_EQ(find(Sought::kResource, "bob", "view", ""), (Ids{"p1", "p2", "p3"}));
  EXPECT_EQ(find(Sought::kPrincipal, "", "view", "p2"), Ids{"bob"});
}

TEST_F(ConsentedSearchTest, WhatIsAgreedToIsFound) {
  EXPECT_EQ(find(Sought::kResource, "ann", "export", ""), Ids{"p1"});
  EXPECT_EQ(find(Sought::kPrincipal, "", "export", "p1"), (Ids{"ann", "bob"}));
  EXPECT_EQ(find(Sought::kAction, "ann", "", "p1"), (Ids{"export", "view"}));
  EXPECT_EQ(find(Sought::kAction, "ann", "", "p2"), Ids());
}

}  // namespace
}  // namespace wardlock::search
