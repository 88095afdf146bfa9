#include "explain/sentences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "cedar/trace/short_text.h"

namespace wardlock::explain {
namespace {

constexpr std::size_t kMaxNeeds = 4;

/// The author's words about a policy, or else its id.
std::string says(const ExplainedPolicy& policy, std::string_view verb) {
  return policy.reason.empty() ? fmt::format("the rule `{}` {} it.", policy.id, verb)
                               : policy.reason;
}

std::vector<const ExplainedPolicy*> with(const Explanation& explanation, Standing standing) {
  std::vector<const ExplainedPolicy*> found;
  for (const ExplainedPolicy& policy : explanation.policies) {
    if (policy.standing == standing) found.push_back(&policy);
  }
  return found;
}

/// What the determining policies say, each once.
std::string determining_words(const Explanation& explanation, std::string_view verb) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> words;
  for (const ExplainedPolicy* policy : with(explanation, Standing::kDetermining)) {
    std::string text = says(*policy, verb);
    if (words.size() < kMost && std::ranges::find(words, text) == words.end()) {
      words.push_back(std::move(text));
    }
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string needs(const std::vector<std::string>& missing) {
  const std::size_t told = std::min(missing.size(), kMaxNeeds);
  std::string text = fmt::format(
      "{}", fmt::join(missing.begin(), missing.begin() + static_cast<long>(told), "; "));
  if (missing.size() > told) text += fmt::format("; and {} more", missing.size() - told);
  return text;
}

std::string no_permit(const Decided& decided, const Explanation& explanation) {
  const auto nearest = with(explanation, Standing::kNearest);
  if (nearest.empty()) {
    return fmt::format("Denied: no rule permits anybody to {} here.", decided.action);
  }
  const ExplainedPolicy& policy = *nearest.front();
  const std::string rule =
      policy.reason.empty() ? fmt::format("`{}`", policy.id) : fmt::format("“{}”", policy.reason);
  return fmt::format("Denied: no rule permits this. The nearest is {} It would also need: {}.",
                     rule.ends_with('`') ? rule + "." : rule, needs(policy.missing));
}

std::string sentence(const Decided& decided, const Explanation& explanation) {
  switch (decided.verdict.cause) {
    case pdp::Cause::kPermit: return "Allowed: " + determining_words(explanation, "permits");
    case pdp::Cause::kOverride:
      return fmt::format("Allowed under the break-glass grant `{}`: {}",
                         cedar::clip(decided.verdict.grant->id, 128),
                         determining_words(explanation, "permits"));
    case pdp::Cause::kForbid: return "Denied: " + determining_words(explanation, "forbids");
    case pdp::Cause::kForbidError:
      return fmt::format(
          "Denied: a rule that might forbid this could not be evaluated, and then nothing is "
          "allowed. {}",
          determining_words(explanation, "could not be evaluated and so denies"));
    case pdp::Cause::kNoPermit: return no_permit(decided, explanation);
    case pdp::Cause::kStepLimit:
      return "Denied: the question was more work than a decision may be. Simplify the policies, or "
             "raise `limits.decision_steps`.";
    case pdp::Cause::kActorUnknown:
    case pdp::Cause::kActorNotApplicable: return std::string(words_of_cause(decided.verdict.cause));
  }
  return "";
}

void hint_at_forbids(const Decided& decided, Explanation& out) {
  for (const ExplainedPolicy* policy : with(out, Standing::kDetermining)) {
    if (policy->role == PolicyRole::kWaivable) {
      out.hints.push_back(fmt::format(
          "An open break-glass grant that sets aside `{}` would lift this rule.", policy->id));
    } else if (policy->role == PolicyRole::kObligation) {
      out.hints.push_back(
          fmt::format("The rule `{}` applies because the application does not promise the "
                      "obligation `{}`.",
                      policy->id, policy->obligation));
    }
  }
  if (!decided.satisfied_permit.empty()) {
    out.hints.push_back(fmt::format("The rule `{}` would permit it, were nothing against it.",
                                    cedar::clip(decided.satisfied_permit, 128)));
  }
}

std::string step_up_words(const pdp::Authentication& enough) {
  std::string text = fmt::format("With a sign-in of assurance level {}", enough.level);
  if (!enough.methods.empty()) {
    text += fmt::format(" that also used {}", fmt::join(enough.methods, " and "));
  }
  return text + " it would be allowed.";
}

}  // namespace

std::string_view words_of_cause(pdp::Cause cause) {
  if (cause == pdp::Cause::kActorUnknown) {
    return "Denied: who acts for the principal is nobody whom the policies know now. They have to "
           "be at work, and an application has to be tied to a service or agent of the directory.";
  }
  if (cause == pdp::Cause::kActorNotApplicable) {
    return "Denied: who acts for the principal is of a kind that this action is not for.";
  }
  return "";
}

void write_sentences(const Decided& decided, Explanation& out) {
  const pdp::Verdict& verdict = decided.verdict;
  out.sentence = sentence(decided, out);
  if (verdict.is_allowed) {
    constexpr std::size_t kMost = 16;
    for (const std::string_view obligation : verdict.obligations) {
      if (out.hints.size() == kMost) break;
      out.hints.push_back(fmt::format("The application must fulfil the obligation `{}`.",
                                      cedar::clip(obligation, 128)));
    }
    return;
  }
  if (verdict.cause == pdp::Cause::kForbid) hint_at_forbids(decided, out);
  if (decided.step_up) out.hints.push_back(step_up_words(*decided.step_up));
  if (decided.asked.names_grant) {
    // The same for a grant of somebody else and for one that is not there.
    out.hints.emplace_back(
        "The break-glass grant that was named does not cover this question now.");
  }
  if (verdict.is_override_possible) {
    out.hints.emplace_back("In an emergency, breaking the glass would be possible.");
  }
}

}  // namespace wardlock::explain
