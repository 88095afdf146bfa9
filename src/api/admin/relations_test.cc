#include "api/admin/relations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using directory::Relation;
using directory::Thing;

class RelationsTest : public AdminForTest {
 protected:
  std::string assignment(const Thing& who, const Thing& what, const std::string& more = "") {
    return fmt::format(R"({{"kind":"roleAssignment","subject":"{}","object":"{}"{}}})", who.id,
                       what.id, more);
  }
};
WARDLOCK_ON_EACH_DATABASE(RelationsTest);

TEST_P(RelationsTest, IsMadeAndEnded) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const Thing west = ward("W", organisation("St Mary"));
  const Answer made =
      post("relations", assignment(kim, nurse,
                                   R"(,"scope":")" + west.id +
                                       R"(","until":"2028-01-01T00:00:00Z","reason":"hired")"));
  ASSERT_EQ(made.status, 201) << codec::to_json_text(made.body);
  EXPECT_EQ(made.at("scope"), west.id);
  EXPECT_EQ(made.at("until"), "2028-01-01T00:00:00.000Z");
  EXPECT_EQ(made.at("madeBy.id"), "admin-1");
  EXPECT_EQ(made.at("reason"), "hired");
  EXPECT_EQ(gate_.asked.back(), "relate roleAssignment person role");
  const std::string path = "relations/" + made.at("id");
  EXPECT_EQ(made.header("Location"), "https://host/st-mary/admin/v1/" + path);
  EXPECT_EQ(get(path).body, made.body);
  now_ += 1000;
  const Answer ended = post(path + "/end", R"({"reason":"left the ward"})");
  EXPECT_EQ(ended.at("until"), "2027-01-15T08:00:01.000Z");
  EXPECT_EQ(gate_.asked.back(), "endRelation roleAssignment person role");
  EXPECT_TRUE(last_event().contains("left the ward"));
  EXPECT_EQ(get("relations?subject=" + kim.id).count(), 0U);
  EXPECT_EQ(get("relations?ended=true&subject=" + kim.id).count(), 1U);
  EXPECT_EQ(get(path).status, 200) << "it stays as history";
  const std::uint64_t before = revision();
  EXPECT_EQ(post(path + "/end", "").status, 200);
  EXPECT_EQ(revision(), before);
}

TEST_P(RelationsTest, IsFoundFromEachOfItsEnds) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const Thing west = ward("W", organisation("St Mary"));
  const Thing nurses = group("Nurses");
  ASSERT_EQ(post("relations", assignment(kim, nurse, R"(,"scope":")" + west.id + "\"")).status,
            201);
  relate({.relation = Relation::kMembership, .subject = kim.id, .object = nurses.id});
  for (const std::string& query :
       {"relations?object=" + nurse.id, "relations?scope=" + west.id,
        "relations?subject=" + kim.id + "&kind=membership", "roles/" + nurse.id + "/relations",
        "locations/" + west.id + "/relations", "people/" + kim.id + "/relations?kind=membership",
        "relations?subject=" + kim.id + "&object=" + nurses.id}) {
    EXPECT_EQ(get(query).count(), 1U) << query;
  }
  EXPECT_EQ(get("people/" + kim.id + "/relations").count(), 2U);
  EXPECT_EQ(get("relations").status, 400);
  EXPECT_EQ(get("relations?subject=" + kim.id + "&kind=runing").status, 400);
  EXPECT_EQ(get("relations?subjekt=" + kim.id).status, 400);
  EXPECT_EQ(get("relations?subject=0190").status, 404);
}

TEST_P(RelationsTest, WhatStandsAtTheOtherEndIsShownToWhoMayReadIt) {
  const Thing kim = person("kim");
  const Thing p = patient("P-1");
  const auto cares = relate({.relation = Relation::kCare,
                             .subject = kim.id,
                             .object = p.id,
                             .attributes = directory::json(R"({"careType":"nursing"})")});
  relate({.relation = Relation::kMembership, .subject = kim.id, .object = group("Nurses").id});
  EXPECT_EQ(get("people/" + kim.id + "/relations").at("withheld"), "0");
  gate_.denies = {"read all patient", "read patient"};
  const Answer seen = get("people/" + kim.id + "/relations");
  EXPECT_EQ(seen.count(), 1U);
  EXPECT_EQ(seen.at("withheld"), "1");
  EXPECT_FALSE(codec::to_json_text(seen.body).contains(p.id));
  EXPECT_EQ(get("relations/" + cares.id).status, 403);
  EXPECT_EQ(get("relations?object=" + p.id).status, 403);
}

TEST_P(RelationsTest, WhatIsWrongIsRefused) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const Thing p = patient("P-1");
  const std::uint64_t before = revision();
  const auto care = [&](const std::string& attributes) {
    return fmt::format(R"({{"kind":"care","subject":"{}","object":"{}","attributes":{}}})", kim.id,
                       p.id, attributes);
  };
  for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{
           {"{}", 400},
           {R"({"kind":"roleAssignment","subject":"x"})", 400},
           {R"({"kind":"likes","subject":"a","object":"b"})", 400},
           {R"({"kind":"roleAssignment","subject":"a","object":"b"})", 404},
           {assignment(nurse, kim), 400},
           {assignment(kim, nurse, R"(,"until":"2001-01-01T00:00:00Z")"), 400},
           {assignment(kim, nurse, R"(,"until":"tomorrow")"), 400},
           {assignment(kim, nurse, R"(,"scope":")" + kim.id + "\""), 400},
           {assignment(kim, nurse, R"(,"weight":1)"), 400},
           {assignment(kim, nurse, R"(,"attributes":{"x":1})"), 400},
           {care(R"({"careType":"liking"})"), 400},
           {care("[]"), 400},
       }) {
    EXPECT_EQ(post("relations", body).status, status) << body;
  }
  EXPECT_EQ(post("relations", care("{}")).at("errors.0.pointer"), "#/attributes/careType");
  EXPECT_EQ(revision(), before);
  ASSERT_EQ(post("relations", assignment(kim, nurse)).status, 201);
  EXPECT_EQ(post("relations", assignment(kim, nurse)).status, 409) << "it is there";
}

TEST_P(RelationsTest, AnotherTenantsIsNotThere) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const auto made =
      relate({.relation = Relation::kRoleAssignment, .subject = kim.id, .object = nurse.id});
  mandate_.tenant = "st-luke";
  const Thing own = person("kim");
  gate_.asked.clear();
  EXPECT_EQ(get("relations/" + made.id).status, 404);
  EXPECT_EQ(post("relations/" + made.id + "/end", "").status, 404);
  EXPECT_EQ(get("relations?subject=" + kim.id).status, 404);
  EXPECT_EQ(post("relations", assignment(own, nurse)).status, 404);
  EXPECT_EQ(post("relations", assignment(kim, nurse)).status, 404);
  EXPECT_TRUE(gate_.asked.empty());
}

TEST_P(RelationsTest, TheGateIsAskedBeforeAnythingIsDone) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const auto made =
      relate({.relation = Relation::kRoleAssignment, .subject = kim.id, .object = nurse.id});
  const std::uint64_t before = revision();
  gate_.denies = {"relate roleAssignment", "endRelation", "read"};
  EXPECT_EQ(post("relations", assignment(kim, role("Doctor"))).status, 403);
  EXPECT_EQ(post("relations/" + made.id + "/end", "").status, 403);
  EXPECT_EQ(get("relations/" + made.id).status, 403);
  EXPECT_EQ(get("relations?subject=" + kim.id).status, 403);
  EXPECT_EQ(revision(), before + 1) << "the role alone";
}

}  // namespace
}  // namespace wardlock::admin
