// The sentences that stand under the rule, over random policy sets of several policies a part.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "cedar/parser/parser.h"
#include "pdp/rule.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'000'000;
constexpr int kRuns = 4000;

enum class Fate { kMatches, kDoesNot, kErrors };

std::string_view condition_of(Fate fate) {
  switch (fate) {
    case Fate::kMatches: return "context.yes";
    case Fate::kDoesNot: return "context.no";
    case Fate::kErrors: break;
  }
  return "context.missing";
}

struct Drawn {
  std::string part;  ///< P, O, F, W or B
  Fate fate;
  std::string obligation;
  std::string id;
  std::string scope;

  std::string text() const {
    const std::string_view effect = part == "P" || part == "O" ? "permit" : "forbid";
    std::string annotation;
    if (part == "O") annotation = "@override(\"break-glass\")";
    if (part == "W") annotation = "@waivable(\"break-glass\")";
    if (part == "B") annotation = fmt::format("@obligation(\"{}\")", obligation);
    return fmt::format("@id(\"{}\") {} {} ({}) when {{ {}{} }};\n", id, annotation, effect, scope,
                       part == "O" ? "context has override && " : "", condition_of(fate));
  }
};

class RuleProperties : public testing::Test {
 protected:
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(rng_)];
  }

  /// That of a policy which does not match may be another's.
  std::string draw_scope(Fate fate) {
    std::string principal = pick(
        {"", "", " == User::\"alice\"", " is User", " in Ward::\"w\"", " is User in Ward::\"w\""});
    std::string action = pick({"", "", " == Action::\"view\"", " in [Action::\"view\"]"});
    std::string resource = pick({"", "", " == Patient::\"p1\"", " in Patient::\"p1\""});
    if (fate == Fate::kDoesNot && pick({true, false})) {
      pick({&principal, &action, &resource})->assign(" == Action::\"other\"");
    }
    return fmt::format("principal{}, action{}, resource{}", principal, action, resource);
  }

  void draw() {
    policies_.clear();
    for (const char* part : {"P", "O", "F", "W", "B"}) {
      const int count = pick({0, 0, 1, 1, 2, 3});
      for (int i = 0; i < count; ++i) {
        // Forbids mostly do not apply, or nothing would ever be allowed.
        const bool is_permit = *part == 'P' || *part == 'O';
        const Fate fate = is_permit ? pick({Fate::kMatches, Fate::kDoesNot, Fate::kErrors})
                                    : pick({Fate::kMatches, Fate::kErrors, Fate::kDoesNot,
                                            Fate::kDoesNot, Fate::kDoesNot, Fate::kDoesNot});
        policies_.push_back({part, fate, pick<std::string>({"mask", "log"}),
                             fmt::format("{}{}", part, i), draw_scope(fate)});
      }
    }
    supported_ = pick<std::vector<std::string_view>>({{}, {"mask"}, {"log"}, {"mask", "log"}});
    grant_.reset();
    if (pick({true, false, true})) draw_grant();
  }

  void draw_grant() {
    grant_.emplace();
    grant_->id = "g";
    grant_->principal = uid("User", pick({"alice", "alice", "alice", "bob"}));
    grant_->target = uid("Patient", "p1");
    std::vector<cedar::Value> actions = {cedar::Value::entity(uid("Action", "view"))};
    grant_->actions = make_set(arena_, actions).as_set();
    grant_->expires_at = pick({kNow + 1, kNow + 1, kNow + 1, kNow});
    std::vector<cedar::Value> waives;
    for (const Drawn& policy : policies_) {
      if (policy.part == "W" && pick({true, true, false})) {
        waives.push_back(cedar::Value::string(policy.id));
      }
    }
    grant_->waives = make_set(arena_, waives).as_set();
  }

  const cedar::EntityUid* uid(std::string_view type, std::string_view id) {
    return cedar::make_uid(arena_, type, id);
  }

  bool any_stands(std::string_view part) const {
    return std::ranges::any_of(policies_, [&](const Drawn& policy) {
      return policy.part == part && policy.fate != Fate::kDoesNot;
    });
  }
  bool any_matches(std::string_view part) const {
    return std::ranges::any_of(policies_, [&](const Drawn& policy) {
      return policy.part == part && policy.fate == Fate::kMatches;
    });
  }

  struct Facts {
    bool is_allowed = false;
    Cause cause = Cause::kNoPermit;
    std::vector<std::string> policies = {}, obligations = {}, errors = {};
    bool has_grant = false, is_override_possible = false;
    bool operator==(const Facts&) const = default;
  };

  static Facts facts_of(const Verdict& verdict) {
    Facts facts{.is_allowed = verdict.is_allowed, .cause = verdict.cause};
    for (const auto* policy : verdict.policies) facts.policies.push_back(policy->id);
    facts.obligations.assign(verdict.obligations.begin(), verdict.obligations.end());
    for (const auto& error : verdict.errors) {
      facts.errors.push_back(error.policy->id + ": " + error.error.message());
    }
    facts.has_grant = verdict.grant != nullptr;
    facts.is_override_possible = verdict.is_override_possible;
    return facts;
  }

  /// Decides by the policies for which `keep` holds, as they stand and compiled.
  template <typename Keep>
  std::array<Facts, 2> decide_twice(Mode mode, const Grant* grant, Keep keep) {
    std::string text;
    for (const Drawn& policy : policies_) {
      if (keep(policy)) text += mode == Mode::kCedar ? plain(policy) : policy.text();
    }
    auto set = cedar::parse_policies(text, {.by_annotation = true});
    EXPECT_TRUE(set);
    PartitionResult parts = partition(*set, mode, Severity::kError);
    EXPECT_FALSE(parts.has_error());
    std::array<cedar::Field, 2> fields = {
        {{"no", cedar::Value::boolean(false)}, {"yes", cedar::Value::boolean(true)}}};
    const cedar::Request request{uid("User", "alice"), uid("Action", "view"), uid("Patient", "p1"),
                                 make_record(arena_, fields)};
    const cedar::EntityView entities(store_);
    const Question question{.request = request,
                            .entities = entities,
                            .now = kNow,
                            .supported_obligations = supported_,
                            .grant = grant};
    const auto decided = [&] {
      cedar::StepBudget budget(steps_);
      return facts_of(decide(parts.partition, question, arena_, budget));
    };
    const Facts evaluated = decided();
    const auto compiled = cedar::CompiledPolicies::compile(set->policies(), {.entities = &store_});
    parts.partition.compiled = &compiled;
    return {evaluated, decided()};
  }

  template <typename Keep>
  Facts decide_by(Mode mode, const Grant* grant, Keep keep) {
    const auto [evaluated, compiled] = decide_twice(mode, grant, keep);
    EXPECT_EQ(evaluated, compiled) << describe();
    return evaluated;
  }

  std::array<Facts, 2> decide_within_steps() {
    const auto all = [](const Drawn&) { return true; };
    return decide_twice(Mode::kStrict, grant_ ? &*grant_ : nullptr, all);
  }

  /// Without the annotations that only strict mode knows.
  static std::string plain(const Drawn& policy) {
    Drawn copy = policy;
    copy.part = policy.part == "P" || policy.part == "O" ? "P" : "F";
    return copy.text();
  }

  Facts decide_all() {
    return decide_by(Mode::kStrict, grant_ ? &*grant_ : nullptr, [](const Drawn&) { return true; });
  }

  std::string describe() const {
    std::string out = fmt::format("grant {} ", grant_.has_value());
    for (const Drawn& policy : policies_) out += policy.text();
    return out;
  }

  static cedar::EntityStore make_store() {
    cedar::EntityStore::Builder builder;
    const std::array parents = {builder.intern("Ward", "w")};
    EXPECT_TRUE(builder.add({.uid = builder.intern("User", "alice"), .parents = parents}));
    return *std::move(builder).build();
  }

  std::uint64_t steps_ = cedar::StepBudget::kDefault;
  std::mt19937 rng_{20261121};
  Arena arena_;
  const cedar::EntityStore store_ = make_store();
  std::vector<Drawn> policies_;
  std::vector<std::string_view> supported_;
  std::optional<Grant> grant_;
};

TEST_F(RuleProperties, AMatchedOrErroredPlainForbidDenies) {
  int seen = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    if (!any_stands("F")) continue;
    ++seen;
    ASSERT_FALSE(decide_all().is_allowed) << describe();
  }
  EXPECT_GT(seen, kRuns / 10);
}

TEST_F(RuleProperties, WithoutAGrantTheAnswerIsThatOfTheOrdinaryPolicies) {
  int allowed = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    const auto is_ordinary = [](const Drawn& policy) { return policy.part != "O"; };
    Facts without = decide_by(Mode::kStrict, nullptr, [](const Drawn&) { return true; });
    without.is_override_possible = false;
    ASSERT_EQ(without, decide_by(Mode::kStrict, nullptr, is_ordinary)) << describe();
    allowed += without.is_allowed ? 1 : 0;
  }
  EXPECT_GT(allowed, kRuns / 20);
}

TEST_F(RuleProperties, AnOverrideHasASatisfiedOverridePermitAndAGrant) {
  int seen = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    const Facts facts = decide_all();
    if (facts.cause != Cause::kOverride) continue;
    ++seen;
    ASSERT_TRUE(facts.is_allowed && grant_ && any_matches("O")) << describe();
    ASSERT_TRUE(std::ranges::all_of(facts.policies, [](const std::string& id) {
      return id.starts_with('O');
    })) << describe();
  }
  EXPECT_GT(seen, kRuns / 50);
}

TEST_F(RuleProperties, WhatStrictModeAllowsWithoutAGrantCedarAllows) {
  int allowed = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    supported_.clear();
    if (!decide_by(Mode::kStrict, nullptr, [](const Drawn&) { return true; }).is_allowed) continue;
    ++allowed;
    ASSERT_TRUE(
        decide_by(Mode::kCedar, nullptr, [](const Drawn& policy) { return policy.part != "O"; })
            .is_allowed)
        << describe();
  }
  EXPECT_GT(allowed, kRuns / 20);
}

TEST_F(RuleProperties, AnAllowCarriesEveryObligationThatStands) {
  int carried = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    const Facts facts = decide_all();
    if (!facts.is_allowed) {
      ASSERT_TRUE(facts.obligations.empty()) << describe();
      continue;
    }
    for (const Drawn& policy : policies_) {
      if (policy.part != "B" || policy.fate == Fate::kDoesNot) continue;
      ++carried;
      ASSERT_TRUE(std::ranges::count(facts.obligations, policy.obligation) == 1) << describe();
    }
  }
  EXPECT_GT(carried, kRuns / 100);
}

TEST_F(RuleProperties, AUsedUpBudgetDeniesAndNothingElseChanges) {
  int used_up = 0, decided = 0;
  for (int run = 0; run < kRuns; ++run) {
    draw();
    steps_ = cedar::StepBudget::kDefault;
    const Facts unbounded = decide_all();
    steps_ = pick<std::uint64_t>({0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144});
    for (const Facts& facts : decide_within_steps()) {
      const bool is_used_up = facts.cause == Cause::kStepLimit;
      ASSERT_EQ(facts, is_used_up ? Facts{.cause = Cause::kStepLimit} : unbounded)
          << steps_ << describe();
      ++(is_used_up ? used_up : decided);
    }
  }
  EXPECT_GT(used_up, kRuns / 10);
  EXPECT_GT(decided, kRuns / 10);
}

}  // namespace
}  // namespace wardlock::pdp
