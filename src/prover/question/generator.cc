#include "prover/question/generator.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "prover/condition/translation.h"
#include "prover/question/goals.h"
#include "prover/world/builder.h"

namespace wardlock::prover {
namespace {

using Policies = pdp::Partition::Policies;
using Requirements = std::vector<Requirement>;

constexpr Outcomes kTrue = Outcomes::is_true();
constexpr Outcomes kFalse = Outcomes::is_false();

class QuestionGenerator {
 public:
  QuestionGenerator(const Trial& trial, const GeneratorOptions& options)
      : trial_(trial), options_(options), environments_(cedar::environments_of(trial.schema())) {
    std::mt19937_64 random(options.seed);
    std::ranges::shuffle(environments_, random);
    std::set<std::string> obligations;
    for (const cedar::Policy& policy : trial.snapshot().policies().policies()) {
      if (const auto name = policy.body->annotation("obligation")) obligations.emplace(*name);
      if (policy.body->annotation("waivable")) waivable_.push_back(policy.id);
    }
    obligations_.assign(obligations.begin(), obligations.end());
  }

  GeneratedQuestions run() {
    const std::vector<Goal> goals = goals_of(trial_.snapshot().policies());
    out_.goals = goals.size();
    std::size_t done = 0;
    for (const Goal& goal : goals) {
      if (options_.progress) options_.progress(done++, goals.size());
      if (reached_.has(goal)) continue;
      if (const auto why = pursue(goal)) out_.unreached.push_back({goal, *why});
    }
    // What a later question has brought about all the same.
    std::erase_if(out_.unreached,
                  [&](const UnreachedGoal& each) { return reached_.has(each.goal); });
    return std::move(out_);
  }

 private:
  /// Nothing: it is brought about.
  std::optional<Unreached> pursue(const Goal& goal) {
    SearchBudget budget{options_.budget};
    unmade_ = 0;
    bool is_ended = true;
    for (const cedar::Policy& policy : trial_.snapshot().policies().policies()) {
      if (policy.body->id != goal.policy) continue;
      for (const cedar::RequestEnvironment& each : environments_) {
        is_ended = pursue(goal, policy, each, budget) && is_ended;
        if (reached_.has(goal)) return std::nullopt;
        if (unmade_ >= options_.max_unmade) return Unreached::kNotMade;
        if (budget.steps_left == 0) return Unreached::kOutOfBudget;
      }
    }
    if (!is_ended) return Unreached::kOutOfBudget;
    return unmade_ > 0 ? Unreached::kNotMade : Unreached::kImpossible;
  }

  /// In one environment. False: the search did not come to its end.
  bool pursue(const Goal& goal, const cedar::Policy& policy,
              const cedar::RequestEnvironment& environment, SearchBudget& budget) {
    if (goal.kind == Goal::Kind::kDetermine) return determine(goal, policy, environment, budget);
    const cedar::Part part = cedar::parts_of(*policy.body)[goal.part];
    bool is_ended = true;
    for (const bool is_override : overriding(policy, environment)) {
      Conditions conditions(trial_.schema(), environment, EntitiesAre::kAny);
      Requirements wanted = requirements_of(policy, part, goal.outcome, conditions);
      require_override(is_override, conditions, wanted);
      // An override is looked for only where nothing is allowed without.
      if (is_override) require(all().permits, kFalse | Outcomes::is_error(), conditions, wanted);
      is_ended = look(goal, conditions, wanted, is_override, budget) && is_ended;
      if (reached_.has(goal)) break;
    }
    return is_ended;
  }

  const pdp::Partition& all() const { return trial_.snapshot().partition(); }

  /// Whether the policy is evaluated with `context.override`, without, or both.
  std::vector<bool> overriding(const cedar::Policy& policy,
                               const cedar::RequestEnvironment& environment) const {
    const bool is_override = std::ranges::find(all().overrides, &policy) != all().overrides.end();
    if (is_override) return {true};
    const bool is_both = pdp::declares_override(*environment.action) && !all().overrides.empty() &&
                         std::ranges::find(all().permits, &policy) == all().permits.end() &&
                         std::ranges::find(all().waivables, &policy) == all().waivables.end();
    if (is_both) return {false, true};
    return {false};
  }

  bool determine(const Goal& goal, const cedar::Policy& policy,
                 const cedar::RequestEnvironment& environment, SearchBudget& budget) {
    const auto is_among = [&](const Policies& policies) {
      return std::ranges::find(policies, &policy) != policies.end();
    };
    const bool is_override = is_among(all().overrides);
    const bool allows = is_override || is_among(all().permits);
    const bool is_obligation = is_among(all().obligations);
    Policies beside = {nullptr};
    if (is_obligation) beside = all().permits;
    bool is_ended = true;
    for (const cedar::Policy* permit : beside) {
      Conditions conditions(trial_.schema(), environment, EntitiesAre::kAny);
      Requirements wanted = {{translate(policy, conditions), kTrue}};
      if (permit != nullptr) wanted.push_back({translate(*permit, conditions), kTrue});
      require_override(is_override, conditions, wanted);
      if (is_override) require(all().permits, kFalse | Outcomes::is_error(), conditions, wanted);
      if (allows || is_obligation) require(all().forbids, kFalse, conditions, wanted);
      const bool is_plain = (allows && !is_override) || is_obligation;
      if (is_plain) require(all().waivables, kFalse, conditions, wanted);
      is_ended = look(goal, conditions, wanted, is_override, budget) && is_ended;
      if (reached_.has(goal)) break;
    }
    return is_ended;
  }

  static void require(const Policies& policies, Outcomes wanted, Conditions& conditions,
                      Requirements& out) {
    for (const cedar::Policy* policy : policies) {
      out.push_back({translate(*policy, conditions), wanted});
    }
  }

  static void require_override(bool is_there, Conditions& conditions, Requirements& out) {
    const TermId context = conditions.variable(cedar::Variable::kContext);
    out.push_back(
        {conditions.atom(Atom::Form::kHas, context, 0, "override"), is_there ? kTrue : kFalse});
  }

  bool look(const Goal& goal, const Conditions& conditions, const Requirements& wanted,
            bool has_grant, SearchBudget& budget) {
    WorldWish wish{.fulfils = obligations_, .has_grant = has_grant, .waives = waivable_};
    const auto try_case = [&](const Assumptions& assumptions, const Consistency& consistency) {
      for (std::size_t variant = 0; variant < kWorldVariants; ++variant) {
        auto world =
            build_world(conditions, assumptions, consistency, trial_.given(), wish, variant);
        if (world && brings_about(*world, goal)) return true;
      }
      return ++unmade_ >= options_.max_unmade;
    };
    return search(conditions, wanted, trial_.given(), budget, try_case) == SearchEnd::kExhausted;
  }

  bool brings_about(const World& world, const Goal& goal) {
    const auto tried = trial_.ask(world);
    if (!tried) return false;
    ReachedGoals here;
    here.add(*tried);
    if (!here.has(goal)) return false;
    reached_.add(*tried);
    out_.questions.push_back(world);
    return true;
  }

  const Trial& trial_;
  const GeneratorOptions& options_;
  std::vector<cedar::RequestEnvironment> environments_;
  std::vector<std::string> obligations_;
  std::vector<std::string> waivable_;
  ReachedGoals reached_;
  GeneratedQuestions out_;
  std::size_t unmade_ = 0;
};

}  // namespace

std::string_view to_string(Unreached why) {
  switch (why) {
    case Unreached::kImpossible: return "impossible";
    case Unreached::kNotMade: return "not_made";
    case Unreached::kOutOfBudget: return "out_of_budget";
  }
  return "unknown";
}

std::size_t GeneratedQuestions::count(Unreached why) const {
  return static_cast<std::size_t>(std::ranges::count(unreached, why, &UnreachedGoal::why));
}

GeneratedQuestions generate_questions(const Trial& trial, const GeneratorOptions& options) {
  return QuestionGenerator(trial, options).run();
}

}  // namespace wardlock::prover
