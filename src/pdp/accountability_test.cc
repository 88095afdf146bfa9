#include "pdp/accountability.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr char kSchema[] = R"(
  entity Ward;
  @audit("patient") entity Patient in [Ward];
  @audit("device") entity Pump in [Patient, Ward];
  entity LabReport in [Patient];
  entity User;
  @audit("care") action patientData;
  @audit("firmware") action update appliesTo { principal: User, resource: Pump };
  action view in [patientData] appliesTo { principal: [User, Patient, Pump],
                                           resource: [LabReport, Pump, Patient, Ward] };
  action count appliesTo { principal: User, resource: Ward };
)";

constexpr char kEntities[] = R"([
  {"uid": {"type": "Ward", "id": "W"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Patient", "id": "Ann"}, "attrs": {}, "parents": [{"type": "Ward", "id": "W"}]},
  {"uid": {"type": "Patient", "id": "Bob"}, "attrs": {}, "parents": [{"type": "Ward", "id": "W"}]},
  {"uid": {"type": "LabReport", "id": "L1"}, "attrs": {},
   "parents": [{"type": "Patient", "id": "Ann"}]},
  {"uid": {"type": "LabReport", "id": "L2"}, "attrs": {},
   "parents": [{"type": "Patient", "id": "Bob"}, {"type": "Patient", "id": "Ann"}]},
  {"uid": {"type": "Pump", "id": "P1"}, "attrs": {},
   "parents": [{"type": "Patient", "id": "Bob"}]},
  {"uid": {"type": "Pump", "id": "P2"}, "attrs": {}, "parents": [{"type": "Ward", "id": "W"}]}
])";

std::string error_of(const std::string& schema) {
  const auto parsed = parse_schema(std::vector<Source>{{"s.cedarschema", schema}});
  EXPECT_TRUE(parsed) << parsed.error().message;
  const auto read = Accountability::read(*parsed);
  return read ? "" : read.error().message;
}

class AccountabilityTest : public testing::Test {
 protected:
  /// `class principal patient device`, with `-` for none.
  std::string concern(DescribedEntity principal, std::string_view action,
                      DescribedEntity resource) {
    const Caller caller{
        .id = "test", .scope = {.types = Names::all(), .actions = Names::all(), .attributes = {}}};
    const AccessRequest access{.principal = principal,
                               .action = action,
                               .resource = resource,
                               .grant = {},
                               .caller = &caller,
                               .is_recorded = is_recorded};
    const auto decided = decide(*snapshot, access, 0, arena);
    if (!decided) return decided.error().message;
    const Accountable& found = decided->accountable;
    if (found.principal == nullptr) return "nothing";
    const auto id = [](const cedar::EntityUid* uid) {
      return uid == nullptr ? std::string("-") : std::string(uid->id);
    };
    const std::string name(found.action_class.empty() ? "-" : found.action_class);
    return name + " " + id(found.principal) + " " + id(found.patient) + " " + id(found.device);
  }

  bool is_recorded = true;
  Arena arena;
  std::shared_ptr<const Snapshot> snapshot =
      *build_snapshot({.policies = {{"p.cedar", "permit(principal, action, resource);"}},
                       .schemas = {{"s.cedarschema", kSchema}},
                       .entities = Source{"e.json", kEntities}},
                      Mode::kStrict);
};

TEST_F(AccountabilityTest, finds_the_patient_a_resource_belongs_to) {
  EXPECT_EQ(concern({"User", "u"}, "view", {"LabReport", "L1"}), "care u Ann -");
  EXPECT_EQ(concern({"User", "u"}, "view", {"Patient", "Ann"}), "care u Ann -");
  EXPECT_EQ(concern({"User", "u"}, "view", {"Patient", "Nobody"}), "care u Nobody -")
      << "the directory need not know the patient";
  EXPECT_EQ(concern({"User", "u"}, "view", {"LabReport", "unknown"}), "care u - -");
  EXPECT_EQ(concern({"User", "u"}, "view", {"LabReport", "L2"}), "care u Ann -")
      << "of two always the same";
}

TEST_F(AccountabilityTest, finds_the_device) {
  EXPECT_EQ(concern({"User", "u"}, "view", {"Pump", "P1"}), "care u Bob P1");
  EXPECT_EQ(concern({"User", "u"}, "view", {"Pump", "P2"}), "care u - P2");
  EXPECT_EQ(concern({"User", "u"}, "update", {"Pump", "P2"}), "firmware u - P2");
}

TEST_F(AccountabilityTest, looks_at_who_acts_where_the_resource_tells_nothing) {
  EXPECT_EQ(concern({"Pump", "P1"}, "view", {"Ward", "W"}), "care P1 Bob P1");
  EXPECT_EQ(concern({"Pump", "P1"}, "view", {"Patient", "Ann"}), "care P1 Ann P1");
  EXPECT_EQ(concern({"Patient", "Ann"}, "view", {"LabReport", "L1"}), "care Ann Ann -");
}

TEST_F(AccountabilityTest, has_no_class_where_none_is_written) {
  EXPECT_EQ(concern({"User", "u"}, "count", {"Ward", "W"}), "- u - -");
  ASSERT_EQ(snapshot->rulebook->accountability.classes().size(), 2U);
  EXPECT_EQ(snapshot->rulebook->accountability.classes()[0], "care");
  EXPECT_EQ(snapshot->rulebook->accountability.classes()[1], "firmware");
}

TEST_F(AccountabilityTest, is_not_looked_for_unasked) {
  is_recorded = false;
  EXPECT_EQ(concern({"User", "u"}, "view", {"LabReport", "L1"}), "nothing");
}

TEST(Accountability, the_nearest_group_counts) {
  const auto schema = parse_schema(std::vector<Source>{{"s.cedarschema", R"(
    @audit("device") action control;
    @audit("safety") action stop in [control];
    entity User;
    action stopPump in [stop] appliesTo { principal: User, resource: User };
    action start in [control] appliesTo { principal: User, resource: User };)"}});
  ASSERT_TRUE(schema) << schema.error().message;
  const auto read = Accountability::read(*schema);
  ASSERT_TRUE(read) << read.error().message;
  Arena arena;
  const auto entities = parse_entities(std::nullopt, &*schema);
  ASSERT_TRUE(entities);
  const auto class_of = [&](std::string_view action) {
    const auto* user = cedar::make_uid(arena, "User", "u");
    const cedar::Request request{
        .principal = user, .action = cedar::make_uid(arena, "Action", action), .resource = user};
    return read->find(request, cedar::EntityView(*entities)).action_class;
  };
  EXPECT_EQ(class_of("stopPump"), "safety");
  EXPECT_EQ(class_of("start"), "device");
}

/// There are 2^64 ways from the last to the first.
TEST(Accountability, goes_through_each_group_once) {
  std::string text = R"(entity User; action a0, b0;)";
  for (int i = 1; i < 64; ++i) {
    text += fmt::format("action a{0}, b{0} in [a{1}, b{1}];", i, i - 1);
  }
  const auto schema = parse_schema(std::vector<Source>{{"s.cedarschema", text}});
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_TRUE(Accountability::read(*schema));
}

TEST(Accountability, refuses_what_means_nothing) {
  EXPECT_TRUE(error_of(R"(@audit("nurse") entity Nurse;)").contains("\"patient\" or \"device\""));
  EXPECT_TRUE(error_of("@audit entity Nurse;").contains("type `Nurse`"));
  EXPECT_TRUE(error_of(R"(@audit("Care!") action view;)").contains("takes a class"));
  EXPECT_TRUE(error_of("@audit action view;").contains("action `view`"));
  EXPECT_TRUE(error_of(R"(@audit("a") action one; @audit("b") action other;
                          action view in [one, other];)")
                  .contains("two classes"));
  EXPECT_EQ(error_of(R"(@audit("a") action one; @audit("a") action other;
                        @audit("c") action mine in [one]; action view in [one, other];)"),
            "");
}

}  // namespace
}  // namespace wardlock::pdp
