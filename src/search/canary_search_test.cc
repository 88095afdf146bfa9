// What is found where a canary decides a part of the questions.
#include <gtest/gtest.h>

#include "pdp/canary.h"
#include "search/search.h"

namespace wardlock::search {
namespace {

using Ids = std::vector<std::string>;

constexpr std::string_view kSchema = R"(
  entity Ward; entity User; entity Patient in [Ward];
  action view, edit appliesTo { principal: User, resource: Patient };
  @audit("safety") action stop appliesTo { principal: User, resource: Patient };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Ward", "id": "3"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Patient", "id": "p3"}, "attrs": {}, "parents": [{"type": "Ward", "id": "3"}]},
  {"uid": {"type": "Patient", "id": "p4"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Patient", "id": "p5"}, "attrs": {}, "parents": []}
])";

class CanarySearchTest : public testing::Test {
 protected:
  static std::shared_ptr<const pdp::Snapshot> snapshot(std::string policies, std::string schema) {
    auto built = pdp::build_snapshot({.policies = {{"p.cedar", std::move(policies)}},
                                      .schemas = {{"s.cedarschema", std::move(schema)}},
                                      .entities = pdp::Source{"e.json", std::string(kEntities)}},
                                     pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }
  void begin(std::string in_force, std::string tried, std::string_view more = {}) {
    of_ = snapshot(std::move(in_force), std::string(kSchema));
    auto made =
        pdp::Canary::make(of_, snapshot(std::move(tried), std::string(kSchema).append(more)),
                          {.locations = {R"(Ward::"3")"}});
    ASSERT_TRUE(made) << made.error().message;
    canary_ = *std::move(made);
  }
  Ids find(Sought sought, std::string_view patient = "p3") {
    const pdp::AccessRequest access{.principal = {"User", "ann"},
                                    .action = "view",
                                    .resource = {"Patient", patient},
                                    .grant = {},
                                    .caller = &caller_};
    const auto found = search(*of_, {sought, access, canary_.get()}, {}, 1000);
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->ids : Ids();
  }

  const pdp::Caller caller_ = pdp::Caller::unrestricted("test");
  std::shared_ptr<const pdp::Snapshot> of_;
  std::shared_ptr<const pdp::Canary> canary_;
};

TEST_F(CanarySearchTest, DecidesEachResourceByWhatDecidesIt) {
  begin(R"(permit (principal, action, resource == Patient::"p4");)",
        R"(permit (principal, action, resource == Patient::"p3");
           permit (principal, action, resource == Patient::"p5");)");
  EXPECT_EQ(find(Sought::kResource), (Ids{"p3", "p4"}));
}

TEST_F(CanarySearchTest, FindsWhoMayByWhatDecidesTheirQuestion) {
  begin(R"(permit (principal == User::"ann", action, resource);)",
        R"(permit (principal == User::"bob", action, resource);)");
  EXPECT_EQ(find(Sought::kPrincipal, "p3"), Ids{"bob"});
  EXPECT_EQ(find(Sought::kPrincipal, "p4"), Ids{"ann"});
}

TEST_F(CanarySearchTest, LeavesOutTheSameActions) {
  begin("permit (principal, action, resource);",
        R"(permit (principal, action in [Action::"edit", Action::"turn"], resource);)",
        "action turn appliesTo { principal: User, resource: Patient };");
  EXPECT_EQ(find(Sought::kAction, "p3"), (Ids{"edit", "stop", "turn"}))
      << "stop is left out of the part, and turn is known to it alone";
  EXPECT_EQ(find(Sought::kAction, "p4"), (Ids{"edit", "stop", "view"}));
}

}  // namespace
}  // namespace wardlock::search
