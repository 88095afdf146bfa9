#include <gtest/gtest.h>

#include <map>

#include "directory/feed/open_grants.h"
#include "directory/feed/seen_for_test.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::string_view kGrantSchema = R"(
namespace Wardlock {
entity Grant = {
  principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
  reason: String, waives?: Set<String>,
};
}
)";

/// Grants that a test keeps in memory.
class GrantsInMemory final : public OpenGrants {
 public:
  Result<std::vector<OpenGrant>> read_all(storage::Work&, std::string_view) const override {
    std::vector<OpenGrant> all;
    for (const auto& [id, grant] : grants) all.push_back(grant);
    return all;
  }
  Result<std::optional<OpenGrant>> read(storage::Work&, std::string_view,
                                        std::string_view id) const override {
    const auto found = grants.find(std::string(id));
    if (found == grants.end()) return std::nullopt;
    return found->second;
  }

  std::map<std::string, OpenGrant> grants;
};

class FeedGrantsTest : public SeenForTest {
 protected:
  FeedGrantsTest() {
    schema_text_ += kGrantSchema;
    grants_from_ = &grants_;
  }

  OpenGrant grant(std::string_view id = "0190e8a0-0000-7000-8000-00000000000a") const {
    return {.id = std::string(id),
            .person = swift_.id,
            .target = lind_.id,
            .actions = {"view"},
            .reason = "unconscious",
            .opens_ms = now_ - 60'000,
            .expires_ms = now_ + 4 * kHour};
  }
  void keep(const OpenGrant& grant) {
    grants_.grants.insert_or_assign(grant.id, grant);
    tell(grant.id);
  }
  void end(const OpenGrant& grant) {
    grants_.grants.erase(grant.id);
    tell(grant.id);
  }
  void tell(const std::string& id) {
    write([&](Edit& edit) {
      return edit.tell_beside(
          {.what = What::kChanged, .kind = kOpenGrantEntry, .id = id, .after = "{}"},
          {.kind = event::Kind::kOverrideChange, .action = "test"});
    });
  }
  std::string seen_grant(const OpenGrant& grant) const { return seen("Wardlock::Grant", grant.id); }

  GrantsInMemory grants_;
  const Thing swift_ = user("swift");
  const Thing lind_ = patient_known_as("p-200");
};
WARDLOCK_ON_EACH_DATABASE(FeedGrantsTest);

TEST_P(FeedGrantsTest, AGrantIsAnEntityOfWhatPoliciesSee) {
  load();
  const OpenGrant open = grant();
  keep(open);
  EXPECT_EQ(seen_grant(open), "") << "not followed yet";
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_grant(open).contains(R"(actions: [Action::"view"])"));
  EXPECT_TRUE(seen_grant(open).contains(R"(principal: User::"swift")"));
  EXPECT_TRUE(seen_grant(open).contains(R"(target: Patient::"p-200")"));
  EXPECT_TRUE(seen_grant(open).contains(R"(reason: "unconscious")"));
  EXPECT_EQ(feed_->why_not_granted(open.id), std::nullopt);
  const std::string followed = seen_grant(open);
  load();
  EXPECT_EQ(seen_grant(open), followed) << "read anew it is the same";
}

TEST_P(FeedGrantsTest, OneThatWasEndedIsGone) {
  const OpenGrant open = grant();
  keep(open);
  load();
  ASSERT_NE(seen_grant(open), "");
  end(open);
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_EQ(feed_->why_not_granted(open.id), "it is not open");
}

TEST_P(FeedGrantsTest, ItExpiresWithoutTheDatabaseAndStaysSoThoughTheClockIsSetBack) {
  const OpenGrant open = grant();
  keep(open);
  load();
  EXPECT_EQ(feed_->next_moment(), open.expires_ms);
  EXPECT_FALSE(feed_->follow_clock(open.expires_ms - 1));
  EXPECT_TRUE(feed_->follow_clock(open.expires_ms));
  EXPECT_EQ(seen_grant(open), "");
  now_ += 1;
  tell(open.id);  // something is told of it, and it is still kept
  EXPECT_FALSE(feed_->follow_clock(now_));
  follow();
  EXPECT_EQ(seen_grant(open), "");
}

TEST_P(FeedGrantsTest, WhoIsNotSeenHasNone) {
  const OpenGrant open = grant();
  keep(open);
  load();
  set_state(swift_, "suspended");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("the person"));
  load();
  EXPECT_EQ(seen_grant(open), "");
  set_state(swift_, "active");
  follow();
  EXPECT_NE(seen_grant(open), "");
}

TEST_P(FeedGrantsTest, WhoseNameChangesHasItUnderTheNewOne) {
  known_by_ = {{Kind::kPatient, "recordNumber"}};
  const Thing wu = create(Kind::kPatient, R"({"recordNumber":"T-1","isConfidential":false})");
  OpenGrant open = grant();
  open.target = wu.id;
  keep(open);
  load();
  EXPECT_TRUE(seen_grant(open).contains(R"(Patient::"T-1")")) << seen_grant(open);
  change(wu, R"({"recordNumber":"MR-300","isConfidential":false})");
  follow();
  EXPECT_TRUE(seen_grant(open).contains(R"(Patient::"MR-300")")) << seen_grant(open);
}

TEST_P(FeedGrantsTest, OneOfAPatientWhoWasMergedIsReadAnew) {
  const OpenGrant open = grant();
  keep(open);
  const Thing alma = patient_known_as("p-100");
  load();
  grants_.grants.at(open.id).target = alma.id;  // as who keeps it says after the merge
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.merge_patients(lind_.id, alma.id));
    return {};
  });
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_grant(open).contains(R"(target: Patient::"p-100")"));
}

TEST_P(FeedGrantsTest, WhatDoesNotFitTheSchemaIsHiddenAndSaysWhy) {
  load();
  OpenGrant open = grant();
  open.actions = {"fly"};
  keep(open);
  follow();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("`fly`"));
  open = grant();
  open.target = swift_.id;
  keep(open);
  follow();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_NE(feed_->why_not_granted(open.id), std::nullopt);
  open.target = lind_.id;
  open.waives = {"confidential"};
  keep(open);
  follow();
  EXPECT_TRUE(seen_grant(open).contains(R"(waives: ["confidential"])"));
  EXPECT_EQ(feed_->why_not_granted(open.id), std::nullopt);
}

TEST_P(FeedGrantsTest, ASchemaWithoutTheTypeHasNone) {
  schema_text_.resize(schema_text_.size() - kGrantSchema.size());
  const OpenGrant open = grant();
  keep(open);
  load();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("Wardlock::Grant"));
}

}  // namespace
}  // namespace wardlock::directory
