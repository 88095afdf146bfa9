// Policies and requests that are made to be much work.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
const Caller kCaller = Caller::unrestricted("test");

constexpr char kGrants[] = R"([
  {"uid": {"type": "Wardlock::Grant", "id": "g"}, "parents": [], "attrs": {
    "principal": {"__entity": {"type": "User", "id": "ada"}},
    "target": {"__entity": {"type": "Chart", "id": "c1"}},
    "actions": [{"__entity": {"type": "Action", "id": "view"}}],
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2023-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2024-01-01"}},
    "reason": "r"}}])";

class StepLimit : public testing::Test {
 protected:
  struct Answer {
    bool is_allowed, is_override_possible, has_step_up;
    Cause cause;
  };

  Answer ask(const std::string& policies, std::uint64_t max_steps, Mode mode = Mode::kStrict) {
    const auto snapshot = build_snapshot(
        {.policies = {{"p.cedar", policies}}, .entities = Source{"e.json", kGrants}}, mode);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    AccessRequest request{.principal = {"User", "ada"},
                          .action = "view",
                          .resource = {"Chart", "c1"},
                          .context = &context_.as_object(),
                          .grant = mode == Mode::kStrict ? "g" : "",
                          .caller = &kCaller};
    request.max_steps = max_steps;
    const auto decision = decide(**snapshot, request, kNow, arena_);
    EXPECT_TRUE(decision) << decision.error().message;
    if (!decision) return {};
    EXPECT_EQ(*is_allowed(**snapshot, request, kNow), decision->is_allowed);
    if (decision->cause == Cause::kStepLimit) {
      EXPECT_TRUE(decision->policies.empty() && decision->obligations.empty() && !decision->grant);
    }
    return {decision->is_allowed, decision->is_override_possible, decision->step_up.has_value(),
            decision->cause};
  }

  void expect_denied(const std::string& policies, Mode mode = Mode::kStrict) {
    constexpr std::uint64_t kFew = 1'000, kMany = 1'000'000'000;
    const Answer limited = ask(policies, kFew, mode);
    EXPECT_EQ(limited.cause, Cause::kStepLimit) << policies.substr(0, 200);
    EXPECT_FALSE(limited.is_allowed || limited.is_override_possible || limited.has_step_up);
    EXPECT_NE(ask(policies, kMany, mode).cause, Cause::kStepLimit);
  }

  /// `numbers` and `others` share no member; `text` is long; `deep` is a record in a record in …,
  /// and `twin` another like it.
  static codec::Json make_context() {
    boost::json::array numbers, others;
    for (int i = 0; i < kMembers; ++i) {
      numbers.push_back(2 * i);
      others.push_back(2 * i + 1);
    }
    codec::Json deep = 1;
    for (int i = 0; i < kDepth; ++i) deep = boost::json::object{{"a", deep}, {"b", deep}};
    return boost::json::object{
        {"numbers", numbers}, {"same", numbers},
        {"others", others},   {"text", std::string(std::size_t{1} << 17, 'a')},
        {"deep", deep},       {"twin", deep}};
  }

  static constexpr int kMembers = 5'000;
  static constexpr int kDepth = 12;
  const codec::Json context_ = make_context();
  Arena arena_;
};

constexpr const char* kScope = " (principal, action, resource) ";

TEST_F(StepLimit, HoldsForWhatIsMuchWork) {
  for (const char* condition :
       {"context.numbers.containsAll(context.numbers)",
        "context.numbers.containsAny(context.others)", "context.numbers.containsAll(context.same)",
        "context.text like \"*a*b*a*\"", "context.deep == context.twin"}) {
    for (const char* clause : {"when", "unless"}) {
      expect_denied(fmt::format("permit{}{} {{ {} }};", kScope, clause, condition));
      expect_denied(fmt::format("permit{0}; forbid{0}{1} {{ {2} }};", kScope, clause, condition));
      expect_denied(fmt::format("permit{0}; @obligation(\"x\") forbid{0}{1} {{ {2} }};", kScope,
                                clause, condition));
      expect_denied(fmt::format("permit{0}; forbid{0}{1} {{ {2} }};", kScope, clause, condition),
                    Mode::kCedar);
    }
  }
}

TEST_F(StepLimit, HoldsForManyPolicies) {
  std::string policies;
  for (int i = 0; i < 2'000; ++i) {
    policies += fmt::format("permit{}when {{ context.text != \"{}\" }};\n", kScope, i);
  }
  expect_denied(policies);
  expect_denied(policies, Mode::kCedar);
}

TEST_F(StepLimit, EndsNoOverride) {
  const std::string heavy = "context.numbers.containsAll(context.numbers)";
  const std::string permit = fmt::format(
      "@override(\"break-glass\") permit{}when {{ context has override && {} }};", kScope, heavy);
  expect_denied(permit);
  EXPECT_EQ(ask(permit, cedar::StepBudget::kDefault).cause, Cause::kOverride);
  expect_denied(
      fmt::format("@override(\"break-glass\") permit{0}when {{ context has override }}; "
                  "forbid{0}unless {{ {1} }};",
                  kScope, heavy));
}

TEST_F(StepLimit, IsFarFromWhatIsUsual) {
  EXPECT_EQ(ask(fmt::format("permit{}when {{ context.text != \"\" }};", kScope), 1'000).cause,
            Cause::kPermit);
}

}  // namespace
}  // namespace wardlock::pdp
