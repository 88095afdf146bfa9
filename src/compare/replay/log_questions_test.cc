#include "compare/replay/log_questions.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "audit/index/indexed_log_for_test.h"
#include "compare/decisions/two_sets_for_test.h"
#include "event/event_for_test.h"

namespace wardlock::compare {
namespace {

using event::Event;

constexpr std::string_view kIds[] = {"e-0", "e-1", "e-2", "e-3", "e-4", "e-5", "e-6"};
constexpr std::array<std::string_view, 1> kMethods = {"otp"};
constexpr std::array<std::string_view, 1> kObligations = {"mask"};
constexpr char kLabs[] =
    R"(@id("labs") permit (principal in Role::"Physician", action == Action::"view", resource);)";

Event decision(int number, std::string_view who, std::string_view patient = "p-1") {
  return {.id = kIds[number],
          .time = 1'800'000'000'000 + number,
          .kind = event::Kind::kDecision,
          .tenant = "st-mary",
          .principal_type = "User",
          .principal_id = who,
          .caller = "portal",
          .action = "view",
          .resource_type = "LabReport",
          .resource_id = "l1",
          .patient = patient,
          .allowed = true,
          .cause = "permit"};
}

/// What a source gave, as short texts.
class Notebook final : public QuestionTaker {
 public:
  void take(const PosedQuestion& question) override {
    const pdp::AccessRequest& access = question.access;
    taken.push_back(std::string(question.name) + " " + std::string(access.principal.id));
    caller = access.caller->id;
    grant = access.grant;
    actor = access.actor ? std::string(access.actor->type) + " " + std::string(access.actor->id)
                         : std::string();
    level = access.authentication ? access.authentication->level : -1;
    obligations = access.supported_obligations.size();
    purpose = access.context == nullptr ? "" : codec::to_json_text(*access.context);
    at = question.at;
    recorded = question.recorded->is_allowed;
  }
  void leave_out(LeftOut why, std::string_view example) override {
    left_out.push_back(std::string(all_left_out()[static_cast<std::size_t>(why)].name) + " " +
                       std::string(example.substr(0, example.find(':'))));
  }

  std::vector<std::string> taken, left_out;
  std::string caller, grant, actor, purpose;
  std::int64_t level = 0, at = 0;
  std::size_t obligations = 0;
  bool recorded = false;
};

class LogQuestionsTest : public testing::Test {
 protected:
  Result<void> read(ReplayedPeriod period = {.tenant = "st-mary"}) {
    auto reader = log_.reader();
    LogQuestions questions(reader, std::move(period), nullptr);
    notes_ = {};
    return questions.give(notes_);
  }

  audit::IndexedLog log_;
  Notebook notes_;
};

TEST_F(LogQuestionsTest, PutsADecisionAsTheQuestionThatItWas) {
  Event event = decision(0, "ada");
  event.kind = event::Kind::kOverrideUse;
  event.purpose = "TREAT";
  event.grant = "g-1";
  event.authentication_level = 2;
  event.authentication_methods = kMethods;
  event.obligations = kObligations;
  Event login = decision(1, "ada");
  login.kind = event::Kind::kLogin;
  log_.append({event, login});
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.taken, std::vector<std::string>{"record 0 ada"}) << "a login is no question";
  EXPECT_EQ(notes_.caller, "portal");
  EXPECT_EQ(notes_.grant, "g-1");
  EXPECT_EQ(notes_.level, 2);
  EXPECT_EQ(notes_.obligations, 1U);
  EXPECT_EQ(notes_.purpose, R"({"purpose":"TREAT"})");
  EXPECT_EQ(notes_.at, event.time);
  EXPECT_TRUE(notes_.recorded);
  EXPECT_TRUE(notes_.left_out.empty());
}

TEST_F(LogQuestionsTest, ADelegationIsNamedByNoQuestion) {
  Event event = decision(0, "ada");
  event.grant = "d-1";
  log_.append({event});
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.taken, std::vector<std::string>{"record 0 ada"});
  EXPECT_EQ(notes_.grant, "");
}

TEST_F(LogQuestionsTest, WhoActedForThePrincipalActsAgain) {
  Event event = decision(0, "ada");
  event.affected_type = "Agent";
  event.affected_id = "scribe";
  log_.append({event});
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.actor, "Agent scribe");
  event.grant = "d-1";  // then it is the delegator
  ASSERT_TRUE(ReplayedQuestion(event).obstacle() == std::nullopt);
  EXPECT_FALSE(ReplayedQuestion(event).access(pdp::Caller::unrestricted("x")).actor);
}

TEST_F(LogQuestionsTest, WithoutWhoActedItIsAnotherQuestion) {
  Event event = decision(0, "ada");
  event.affected_type = "Agent";
  EXPECT_EQ(ReplayedQuestion(event).obstacle(), LeftOut::kIncomplete);
  const std::array<std::string_view, 1> erased = {"affected"};
  event.erased_parts = erased;
  EXPECT_EQ(ReplayedQuestion(event).obstacle(), LeftOut::kErased);
}

TEST_F(LogQuestionsTest, AsksThoseOfThePeriodAlone) {
  log_.append({decision(0, "ada"), decision(1, "bob"), decision(2, "cyd")});
  const std::int64_t first = decision(0, "").time;
  ASSERT_TRUE(read({.tenant = "st-mary", .from = first + 1, .until = first + 2}));
  EXPECT_EQ(notes_.taken, std::vector<std::string>{"record 1 bob"});
}

TEST_F(LogQuestionsTest, StopsWhenItIsToldTo) {
  log_.append({decision(0, "ada")});
  auto reader = log_.reader();
  LogQuestions questions(reader, {.tenant = "st-mary"}, nullptr);
  questions.stop_when([] { return true; });
  const auto given = questions.give(notes_);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().code, ErrorCode::kAborted);
  EXPECT_TRUE(notes_.taken.empty());
}

TEST_F(LogQuestionsTest, NeverAsksAnotherOrganizationsQuestions) {
  Event other = decision(1, "eve");
  other.tenant = "other";
  log_.append({decision(0, "ada"), other});
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.taken, std::vector<std::string>{"record 0 ada"});
  const auto none = read({.tenant = "nobody"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(none.error().message.contains("`--tenant`")) << none.error().message;
}

TEST_F(LogQuestionsTest, CountsWhatWasErasedAndWhatIsIncomplete) {
  Event wordless = decision(2, "cyd");
  wordless.action = "";
  log_.append({decision(0, "ada", "p-1"), decision(1, "bob", "p-2"), wordless});
  ASSERT_TRUE(log_.keys->erase({.tenant = "st-mary", .type = event::kPatientType, .id = "p-1"}, 1));
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.taken, std::vector<std::string>{"record 1 bob"});
  EXPECT_EQ(notes_.left_out, (std::vector<std::string>{"erased record 0", "incomplete record 2"}));
}

TEST_F(LogQuestionsTest, CountsWhatTheKeysAtHandDoNotOpen) {
  log_.append({decision(0, "ada"), decision(1, "bob")});
  event::NoKeys none;
  audit::EventReader reader(log_.files, log_.log.folder(), none);
  LogQuestions questions(reader, {.tenant = "st-mary"}, nullptr);
  ASSERT_TRUE(questions.give(notes_));
  EXPECT_EQ(questions.decisions(), 2U);
  EXPECT_EQ(notes_.left_out, (std::vector<std::string>{"locked record 0", "locked record 1"}));
}

TEST_F(LogQuestionsTest, CountsRecordsThatCannotBeRead) {
  log_.append({decision(0, "ada")});
  log_.append_texts({"no record of ours"});
  log_.append({decision(1, "bob")});
  ASSERT_TRUE(read());
  EXPECT_EQ(notes_.taken, (std::vector<std::string>{"record 0 ada", "record 2 bob"}));
  EXPECT_EQ(notes_.left_out, std::vector<std::string>{"unreadable record 1"});
}

TEST_F(LogQuestionsTest, ADraftIsHeldAgainstThem) {
  log_.append({decision(0, "ada"), decision(1, "bob"), decision(2, "cyd")});
  const auto active = ward_of(kLabs), draft = ward_of("");
  DecisionDiff diff(*active, *draft);
  auto reader = log_.reader();
  LogQuestions questions(reader, {.tenant = "st-mary"}, nullptr);
  ASSERT_TRUE(questions.give(diff));
  const DecisionTable table = std::move(diff).finish();
  EXPECT_EQ(table.count_of(DecisionChange::kLoses), 2U);
  EXPECT_EQ(table.left_out[static_cast<std::size_t>(LeftOut::kNotReproduced)].count, 1U)
      << "cyd is no physician any more";
}

}  // namespace
}  // namespace wardlock::compare
