#include "prover/invariant/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "pdp/access.h"
#include "pdp/grants.h"
#include "prover/condition/translation.h"
#include "prover/invariant/smaller_world.h"
#include "prover/invariant/subject_matter.h"
#include "prover/world/builder.h"

namespace wardlock::prover {
namespace {

using Policies = pdp::Partition::Policies;
using Requirements = std::vector<Requirement>;

constexpr Outcomes kTrue = Outcomes::is_true();
constexpr Outcomes kFalse = Outcomes::is_false();
constexpr Outcomes kError = Outcomes::is_error();

bool has_any(const std::vector<std::string>& names, const Sentence& sentence) {
  return std::ranges::any_of(sentence.without, [&](const NamedObligation& each) {
    return std::ranges::find(names, each.name) != names.end();
  });
}

std::vector<std::string> owned(pdp::AccessDecision::Texts texts) {
  return {texts.begin(), texts.end()};
}

/// Whether the policies' answer is against the sentence, which speaks of the question.
bool is_against(const Sentence& sentence, const pdp::AccessDecision& decision) {
  const bool is_override = decision.cause == pdp::Cause::kOverride;
  const bool owes = has_any(owned(decision.obligations), sentence);
  if (sentence.mood == Sentence::Mood::kNever) {
    return decision.is_allowed && !owes && !(is_override && sentence.excepts_break_glass);
  }
  return !decision.is_allowed || owes;
}

/// Checks one invariant.
class Checking {
 public:
  Checking(const Sentence& sentence, const Trial& trial, const CheckOptions& options)
      : sentence_(sentence), trial_(trial), options_(options), budget_{options.budget} {
    result_.sentence = &sentence;
    for (const cedar::Policy& policy : trial.snapshot().policies().policies()) {
      if (const auto name = policy.body->annotation("obligation")) obligations_.emplace(*name);
      if (policy.body->annotation("waivable")) waivable_.push_back(policy.id);
    }
  }

  CheckResult run() {
    const auto environments = environments_of(sentence_, trial_.schema());
    result_.environments = environments.size();
    for (const cedar::RequestEnvironment& each : environments) {
      const bool goes_on = sentence_.mood == Sentence::Mood::kNever ? never(each) : always(each);
      if (!goes_on) break;
    }
    result_.steps = options_.budget - budget_.steps_left;
    if (result_.standing == Standing::kFails) return std::move(result_);
    const bool is_shown = result_.why.empty() && result_.unmade == 0;
    result_.standing = is_shown ? Standing::kHolds : Standing::kUndecided;
    return std::move(result_);
  }

 private:
  /// What is common to all requests of which the sentence speaks in one environment.
  Requirements subject(Conditions& conditions) const {
    Requirements out = {{translate_who(sentence_, conditions), kTrue},
                        {translate_what(sentence_, conditions), kTrue}};
    for (const Proviso& each : sentence_.provisos) {
      out.push_back(
          {translate(*each.body, conditions), (each.is_unless ? kFalse : kTrue) | kError});
    }
    return out;
  }

  static void require(const Policies& policies, Outcomes wanted, Conditions& conditions,
                      Requirements& out) {
    for (const cedar::Policy* policy : policies) {
      out.push_back({translate(*policy, conditions), wanted});
    }
  }

  /// Those that the sentence excludes are not owed.
  Policies excluded_obligations() const {
    Policies out;
    for (const cedar::Policy* policy : trial_.snapshot().partition().obligations) {
      const std::string name(policy->body->annotation("obligation").value_or(""));
      if (has_any({name}, sentence_)) out.push_back(policy);
    }
    return out;
  }

  /// `context.override` is there or not, where the action's context declares it.
  static void require_override(bool is_there, Conditions& conditions, Requirements& out) {
    const TermId context = conditions.variable(cedar::Variable::kContext);
    out.push_back(
        {conditions.atom(Atom::Form::kHas, context, 0, "override"), is_there ? kTrue : kFalse});
  }

  /// Whether a request of the environment can be an override. It takes a grant, which the schema
  /// has for some principals and targets only.
  bool may_be_override(const cedar::RequestEnvironment& environment) const {
    const cedar::EntityType* grant = trial_.schema().find_entity_type(pdp::kGrantType);
    if (grant == nullptr || !pdp::declares_override(*environment.action)) return false;
    const cedar::Attribute* principal = grant->shape->find_attribute("principal");
    const cedar::Attribute* target = grant->shape->find_attribute("target");
    if (principal == nullptr || target == nullptr) return false;
    const cedar::EntityType* resource = trial_.schema().find_entity_type(environment.resource);
    return principal->type->entity_type == environment.principal &&
           (target->type->entity_type == environment.resource ||
            (resource != nullptr && resource->may_be_in(target->type->entity_type)));
  }

  /// Goes through the ways in which something is allowed. False: enough is known.
  bool never(const cedar::RequestEnvironment& environment) {
    const pdp::Partition& all = trial_.snapshot().partition();
    const WorldWish plain = wish(false);
    for (const cedar::Policy* permit : all.permits) {
      Conditions conditions(trial_.schema(), environment, EntitiesAre::kAny);
      Requirements wanted = subject(conditions);
      require_override(false, conditions, wanted);
      wanted.push_back({translate(*permit, conditions), kTrue});
      for (const auto* forbids : {&all.forbids, &all.waivables}) {
        require(*forbids, kFalse, conditions, wanted);
      }
      require(excluded_obligations(), kFalse, conditions, wanted);
      if (!look(conditions, wanted, plain)) return false;
    }
    if (sentence_.excepts_break_glass || !may_be_override(environment)) return true;
    for (const cedar::Policy* permit : all.overrides) {
      Conditions conditions(trial_.schema(), environment, EntitiesAre::kAny);
      Requirements wanted = subject(conditions);
      require_override(true, conditions, wanted);
      wanted.push_back({translate(*permit, conditions), kTrue});
      require(all.forbids, kFalse, conditions, wanted);
      require(excluded_obligations(), kFalse, conditions, wanted);
      if (!look(conditions, wanted, wish(true))) return false;
    }
    return true;
  }

  /// Goes through the ways in which something is not allowed, or not without an obligation.
  bool always(const cedar::RequestEnvironment& environment) {
    const pdp::Partition& all = trial_.snapshot().partition();
    Policies against = all.forbids;
    against.insert(against.end(), all.waivables.begin(), all.waivables.end());
    const Policies owed = excluded_obligations();
    against.insert(against.end(), owed.begin(), owed.end());
    for (const cedar::Policy* forbid : against) {
      Conditions conditions(trial_.schema(), environment, EntitiesAre::kKnown);
      Requirements wanted = subject(conditions);
      require_override(false, conditions, wanted);
      require({forbid}, kTrue | kError, conditions, wanted);
      if (!look(conditions, wanted, wish(false))) return false;
    }
    Conditions conditions(trial_.schema(), environment, EntitiesAre::kKnown);
    Requirements wanted = subject(conditions);
    require_override(false, conditions, wanted);
    require(all.permits, kFalse | kError, conditions, wanted);
    return look(conditions, wanted, wish(false));
  }

  WorldWish wish(bool has_grant) const {
    WorldWish out;
    out.fulfils.assign(obligations_.begin(), obligations_.end());
    out.has_grant = has_grant;
    if (has_grant) out.waives = waivable_;
    return out;
  }

  bool look(const Conditions& conditions, const Requirements& wanted, const WorldWish& wish) {
    const auto try_case = [&](const Assumptions& assumptions, const Consistency& consistency) {
      if (make(conditions, assumptions, consistency, wish)) return true;
      if (result_.unmade++ == 0) note_unmade(conditions, assumptions);
      return result_.unmade >= options_.max_unmade;
    };
    const SearchEnd end = options_.prover(conditions, wanted, trial_.given(), budget_, try_case);
    if (end == SearchEnd::kOutOfBudget) {
      result_.why =
          fmt::format("{} assumptions were not enough; `--budget` allows more", options_.budget);
    }
    return end == SearchEnd::kExhausted;
  }

  bool is_counterexample(const World& world) const {
    const auto tried = trial_.ask(world);
    return tried && speaks_of(sentence_, *tried) && is_against(sentence_, tried->decision);
  }

  /// Whether the case can be made a counterexample.
  bool make(const Conditions& conditions, const Assumptions& assumptions,
            const Consistency& consistency, const WorldWish& wish) {
    for (std::size_t variant = 0; variant < kWorldVariants; ++variant) {
      auto world = build_world(conditions, assumptions, consistency, trial_.given(), wish, variant);
      if (!world || !is_counterexample(*world)) continue;
      const KnownEntities known{sentence_.mood == Sentence::Mood::kAlways};
      found(smaller(*std::move(world), known,
                    [&](const World& other) { return is_counterexample(other); }));
      return true;
    }
    return false;
  }

  void found(const World& world) {
    const auto tried = trial_.ask(world);
    result_.standing = Standing::kFails;
    result_.why.clear();
    result_.counterexample =
        Counterexample{.question = question_json(world, trial_.filled_keys(world)),
                       .entities = trial_.entities_of(world),
                       .given = trial_.given_count(),
                       .is_allowed = tried->decision.is_allowed,
                       .cause = tried->decision.cause,
                       .policies = owned(tried->decision.policies),
                       .obligations = owned(tried->decision.obligations)};
  }

  /// Says which case it is that could not be made.
  void note_unmade(const Conditions& conditions, const Assumptions& assumptions) {
    constexpr std::size_t kMaxShown = 12;
    std::string text;
    std::size_t shown = 0;
    for (AtomId id = 0; id < conditions.atom_count(); ++id) {
      const bool is_assumed =
          assumptions[id].is_settled() && assumptions[id] != conditions.atom(id).possible;
      if (!is_assumed || shown++ >= kMaxShown) continue;
      const std::string_view word = assumptions[id] == kTrue    ? "true"
                                    : assumptions[id] == kFalse ? "false"
                                                                : "an error";
      text += fmt::format("{}`{}` is {}", text.empty() ? "" : ", ", conditions.atom(id).text, word);
    }
    result_.why = fmt::format("no question could be made, nor ruled out, in which {}",
                              text.empty() ? "it is broken" : text);
    if (shown > kMaxShown) result_.why += fmt::format(", and {} more", shown - kMaxShown);
  }

  const Sentence& sentence_;
  const Trial& trial_;
  const CheckOptions& options_;
  SearchBudget budget_;
  CheckResult result_;
  std::set<std::string> obligations_;
  std::vector<std::string> waivable_;
};

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::kHolds: return "holds";
    case Standing::kFails: return "fails";
    case Standing::kUndecided: return "undecided";
  }
  return "unknown";
}

CheckResult check(const Sentence& sentence, const Trial& trial, const CheckOptions& options) {
  return Checking(sentence, trial, options).run();
}

}  // namespace wardlock::prover
