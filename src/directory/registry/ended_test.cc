#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kHour = 3'600'000;

/// What was ended does not come back when the clock is set back.
class EndedTest : public HospitalForTest {
 protected:
  KeptRelation assign(const Thing& subject, const Thing& role,
                      std::optional<std::int64_t> until = {}) {
    return relate({.relation = Relation::kRoleAssignment,
                   .subject = subject.id,
                   .object = role.id,
                   .until_ms = until});
  }
  void end(const KeptRelation& relation) {
    write([&](Edit& edit) { return edit.end(relation.id); });
  }
  std::size_t links(const Thing& subject) {
    const std::vector<std::string> ids = {subject.id};
    return registry_->links(mandate_.tenant, End::kSubject, ids)->size();
  }
  std::size_t with_role(const Thing& role) {
    Query query;
    query.filter.parts.emplace_back(
        Related{.relation = Relation::kRoleAssignment, .other = role.id});
    return names(query).size();
  }
};
WARDLOCK_ON_EACH_DATABASE(EndedTest);

TEST_P(EndedTest, WhateverTheClockSaysSince) {
  now_ += kHour;
  const Thing nurse = role("Nurse");
  const Thing kim = person("kim");
  const KeptRelation assignment = assign(kim, nurse);
  now_ += kHour;
  EXPECT_EQ(links(kim), 1);
  EXPECT_EQ(with_role(nurse), 1);
  end(assignment);
  now_ -= kHour / 2;
  EXPECT_EQ(links(kim), 0);
  EXPECT_EQ(with_role(nurse), 0);
  EXPECT_TRUE(relations({.subject = kim.id, .not_ended_by = now_}).empty());
  EXPECT_TRUE(
      registry_->list_relations(mandate_.tenant, Relation::kRoleAssignment, "", 10)->empty());
  const auto all = relations({.subject = kim.id});
  ASSERT_EQ(all.size(), 1) << "it is still known";
  EXPECT_FALSE(all.front().is_valid_at(now_));
}

TEST_P(EndedTest, WhoHasLeftHasNothing) {
  const Thing kim = person("kim");
  assign(kim, role("Nurse"));
  now_ += kHour;
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(kim.id, std::nullopt, "left"));
    return {};
  });
  now_ -= kHour / 2;
  EXPECT_EQ(links(kim), 0);
}

TEST_P(EndedTest, ItIsNotEndedTwiceAndMayBeMadeAnew) {
  const Thing nurse = role("Nurse");
  const Thing kim = person("kim");
  const KeptRelation assignment = assign(kim, nurse);
  now_ += kHour;
  end(assignment);
  const auto until = now_;
  now_ -= kHour / 2;
  end(assignment);
  EXPECT_EQ(registry_->find_relation(mandate_.tenant, assignment.id)->until_ms, until);
  assign(kim, nurse);
  EXPECT_EQ(links(kim), 1);
}

TEST_P(EndedTest, AnEndThatIsToComeIsTheClocks) {
  const Thing kim = person("kim");
  assign(kim, role("Nurse"), now_ + kHour);
  EXPECT_EQ(links(kim), 1);
  now_ += kHour;
  EXPECT_EQ(links(kim), 0);
  now_ -= 1;
  EXPECT_EQ(links(kim), 1);
}

TEST_P(EndedTest, WhatWasEndedBeforeThatWasKept) {
  const auto all = migrations();
  const auto before = all.first(6);
  const std::string url = new_url();
  {
    auto store = storage::Store::open({.url = url}, before);
    ASSERT_TRUE(store) << store.error().message;
    storage::write(**store,
                   "INSERT INTO thing VALUES ('a', 't', 'person', 'active', 1, 0, 500, '{}')");
    storage::write(**store,
                   "INSERT INTO thing VALUES ('b', 't', 'role', 'active', 1, 0, 500, '{}')");
    storage::write(**store,
                   "INSERT INTO change VALUES (1, 0, 700, 't', 'ended', 'care', 'x', '{}')");
    for (const char* until : {"500", "700", "701", "NULL"}) {
      storage::write(**store,
                     fmt::format("INSERT INTO relation VALUES ('until-{0}', 't', 'roleAssignment', "
                                 "'a', 'b', NULL, 1, {0}, 'User', 'u', '', '{{}}')",
                                 until));
    }
  }
  auto store = storage::Store::open({.url = url}, all);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(storage::number(**store, "SELECT count(*) FROM relation WHERE ended = 1"), 2);
  EXPECT_EQ(storage::number(**store,
                            "SELECT count(*) FROM relation WHERE ended = 0 AND id IN ('until-701', "
                            "'until-NULL')"),
            2);
}

}  // namespace
}  // namespace wardlock::directory
