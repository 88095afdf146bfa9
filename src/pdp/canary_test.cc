#include "pdp/canary.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr std::string_view kSchema = R"(
  entity Hospital;
  entity Ward in [Hospital];
  entity User in [Ward];
  @audit("patient") entity Patient in [Ward];
  entity Report in [Patient];
  @audit("device") entity Pump in [Ward, Patient];
  entity Module in [Pump];
  action view, edit appliesTo { principal: [User, Pump, Module], resource: [Patient, Report, Ward, User] };
  @audit("safety") action stop appliesTo { principal: User, resource: Pump };
  @audit("therapy") action dose appliesTo { principal: User, resource: Pump };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Hospital", "id": "h"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Ward", "id": "3"}, "attrs": {}, "parents": [{"type": "Hospital", "id": "h"}]},
  {"uid": {"type": "Ward", "id": "4"}, "attrs": {}, "parents": [{"type": "Hospital", "id": "h"}]},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": [{"type": "Ward", "id": "3"}]},
  {"uid": {"type": "Patient", "id": "p3"}, "attrs": {}, "parents": [{"type": "Ward", "id": "3"}]},
  {"uid": {"type": "Patient", "id": "p4"}, "attrs": {}, "parents": [{"type": "Ward", "id": "4"}]},
  {"uid": {"type": "Report", "id": "r3"}, "attrs": {}, "parents": [{"type": "Patient", "id": "p3"}]},
  {"uid": {"type": "Report", "id": "r4"}, "attrs": {}, "parents": [{"type": "Patient", "id": "p4"}]},
  {"uid": {"type": "Pump", "id": "i3"}, "attrs": {}, "parents": [{"type": "Ward", "id": "3"}]},
  {"uid": {"type": "Pump", "id": "i4"}, "attrs": {}, "parents": [{"type": "Ward", "id": "4"}]},
  {"uid": {"type": "Module", "id": "m3"}, "attrs": {}, "parents": [{"type": "Pump", "id": "i3"}]}
])";

class CanaryTest : public testing::Test {
 protected:
  static std::shared_ptr<const Snapshot> snapshot(std::string policies,
                                                  std::string schema = std::string(kSchema)) {
    const auto built = build_snapshot({.policies = {{"p.cedar", std::move(policies)}},
                                       .schemas = {{"s.cedarschema", std::move(schema)}},
                                       .entities = Source{"e.json", std::string(kEntities)}},
                                      Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }
  std::shared_ptr<const Canary> canary(bundle::CanaryPart part) {
    return canary(std::move(part), tried_);
  }
  std::shared_ptr<const Canary> canary(bundle::CanaryPart part,
                                       std::shared_ptr<const Snapshot> tried) {
    auto made = Canary::make(of_, std::move(tried), std::move(part));
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  AccessRequest request(DescribedEntity principal, std::string_view action,
                        DescribedEntity resource) const {
    return {.principal = principal,
            .action = action,
            .resource = resource,
            .grant = {},
            .caller = &caller_};
  }
  bool takes(const Canary& canary, std::string_view action, DescribedEntity resource,
             DescribedEntity principal = {"User", "ann"}) {
    return canary.takes(request(principal, action, resource), arena_);
  }

  Caller caller_ = Caller::unrestricted("gate");
  Arena arena_;
  const std::shared_ptr<const Snapshot> of_ = snapshot("permit (principal, action, resource);");
  const std::shared_ptr<const Snapshot> tried_ = snapshot("forbid (principal, action, resource);");
  const bundle::CanaryPart ward_{.locations = {R"(Ward::"3")"}};
};

TEST_F(CanaryTest, TakesWhatIsInItsPlaces) {
  const auto ward = canary(ward_);
  EXPECT_TRUE(takes(*ward, "view", {"Ward", "3"}));
  EXPECT_TRUE(takes(*ward, "view", {"Patient", "p3"}));
  EXPECT_TRUE(takes(*ward, "view", {"Report", "r3"})) << "by its patient";
  EXPECT_FALSE(takes(*ward, "view", {"Ward", "4"}));
  EXPECT_FALSE(takes(*ward, "view", {"Patient", "p4"}));
  EXPECT_FALSE(takes(*ward, "view", {"Report", "r4"}));
  const auto house = canary({.locations = {R"(Hospital::"h")"}});
  EXPECT_TRUE(takes(*house, "view", {"Report", "r3"}));
  EXPECT_TRUE(takes(*house, "view", {"Report", "r4"}));
  const auto both = canary({.locations = {R"(Ward::"3")", R"(Ward::"4")"}});
  EXPECT_TRUE(takes(*both, "view", {"Patient", "p4"}));
}

TEST_F(CanaryTest, GoesByWhomItConcernsAndNotByWhoAsks) {
  const auto ward = canary(ward_);
  EXPECT_FALSE(takes(*ward, "view", {"Patient", "p4"}, {"User", "ann"}))
      << "ann works on ward 3, and is neither patient nor device";
  EXPECT_TRUE(takes(*ward, "view", {"User", "x"}, {"Pump", "i3"})) << "a device of the ward";
  EXPECT_TRUE(takes(*ward, "view", {"User", "x"}, {"Module", "m3"})) << "and what is in one";
  EXPECT_FALSE(takes(*ward, "view", {"User", "x"}, {"Pump", "i4"}));
}

TEST_F(CanaryTest, DoesNotTakeWhatNobodyKnows) {
  const auto ward = canary(ward_);
  EXPECT_FALSE(takes(*ward, "view", {"Report", "none"}));
  EXPECT_FALSE(takes(*ward, "view", {"Nothing", "3"}));
  EXPECT_FALSE(takes(*ward, "view", {"", ""}));
  EXPECT_FALSE(takes(*ward, "view", {"ward", "3"}));
}

TEST_F(CanaryTest, TakesWhatItsCallersAsk) {
  const auto gate = canary({.callers = {"door", "gate"}});
  EXPECT_TRUE(takes(*gate, "view", {"Patient", "p4"}));
  EXPECT_TRUE(takes(*gate, "view", {"Report", "none"}));
  caller_.id = "gates";
  EXPECT_FALSE(takes(*gate, "view", {"Patient", "p4"}));
  const auto either = canary({.callers = {"door"}, .locations = ward_.locations});
  EXPECT_TRUE(takes(*either, "view", {"Patient", "p3"}));
  EXPECT_FALSE(takes(*either, "view", {"Patient", "p4"}));
}

TEST_F(CanaryTest, LeavesOutWhatLifeMayHangOnUnlessItIsNamed) {
  const auto ward = canary(ward_);
  EXPECT_FALSE(takes(*ward, "stop", {"Pump", "i3"}));
  EXPECT_FALSE(takes(*ward, R"(Action::"stop")", {"Pump", "i3"}));
  EXPECT_FALSE(takes(*ward, "dose", {"Pump", "i3"}));
  const auto gate = canary({.callers = {"gate"}});
  EXPECT_FALSE(takes(*gate, "stop", {"Pump", "i3"}));
  for (const char* name : {"stop", R"(Action::"stop")"}) {
    bundle::CanaryPart part = ward_;
    part.actions = {name};
    const auto named = canary(part);
    EXPECT_TRUE(takes(*named, "stop", {"Pump", "i3"}));
    EXPECT_TRUE(takes(*named, R"(Action::"stop")", {"Pump", "i3"}));
    EXPECT_FALSE(takes(*named, "stop", {"Pump", "i4"})) << "and of its part alone";
    EXPECT_FALSE(takes(*named, "dose", {"Pump", "i3"})) << "it alone is named";
    EXPECT_TRUE(takes(*named, "view", {"Patient", "p3"})) << "others stay";
  }
}

TEST_F(CanaryTest, LeavesOutWhatEitherSchemaSays) {
  std::string plain(kSchema);
  for (const char* word : {R"(@audit("safety") )", R"(@audit("therapy") )"}) {
    plain.erase(plain.find(word), std::string_view(word).size());
  }
  const auto declassed = canary(ward_, snapshot("permit (principal, action, resource);", plain));
  EXPECT_FALSE(takes(*declassed, "stop", {"Pump", "i3"}))
      << "a change takes no action's class away";
  std::string classed(kSchema);
  classed.replace(classed.find("action view"), 11, "@audit(\"safety\") action view");
  const auto safer = canary(ward_, snapshot("permit (principal, action, resource);", classed));
  EXPECT_FALSE(takes(*safer, "view", {"Patient", "p3"}));
}

TEST_F(CanaryTest, DecidesItsPartAndNothingElse) {
  const auto ward = canary(ward_);
  const auto is_allowed = [&](const Snapshot& in_use, std::string_view patient) {
    const AccessRequest asked = request({"User", "ann"}, "view", {"Patient", patient});
    const Snapshot& by = deciding(in_use, ward.get(), asked, arena_);
    return decide(by, asked, kNow, arena_)->is_allowed;
  };
  EXPECT_FALSE(is_allowed(*of_, "p3"));
  EXPECT_TRUE(is_allowed(*of_, "p4"));
  const AccessRequest asked = request({"User", "ann"}, "view", {"Patient", "p3"});
  EXPECT_EQ(&deciding(*of_, nullptr, asked, arena_), of_.get());
  const auto other = snapshot("permit (principal, action, resource);");
  EXPECT_EQ(&deciding(*other, ward.get(), asked, arena_), other.get())
      << "it stands beside one snapshot";
}

TEST_F(CanaryTest, RefusesPlacesThatAreNone) {
  for (const char* place : {"", "Ward", "Ward::3", "\"3\""}) {
    const auto made = Canary::make(of_, tried_, {.locations = {place}});
    if (made) ADD_FAILURE() << place;
  }
}

}  // namespace
}  // namespace wardlock::pdp
