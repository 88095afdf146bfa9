#include "cli/explanation_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::cli {
namespace {

using explain::ExplainedPart;
using explain::ExplainedPolicy;
using explain::PartState;
using explain::PolicyOutcome;
using explain::Standing;

struct Mark {
  std::string_view sign;
  Style style;
};

Mark mark_of(PartState state) {
  switch (state) {
    case PartState::kHolds: return {"✓", Style::kGreen};
    case PartState::kFails: return {"✗", Style::kRed};
    case PartState::kError: return {"!", Style::kYellow};
    case PartState::kNotReached: return {"–", Style::kDim};
    case PartState::kWithheld: return {"?", Style::kYellow};
  }
  return {" ", Style::kPlain};
}

class ExplanationText {
 public:
  explicit ExplanationText(const pdp::Sources& sources) : sources_(sources) {}

  StyledText of(const explain::Explanation& explanation) {
    text_.add(explanation.is_allowed ? "ALLOW" : "DENY",
              explanation.is_allowed ? Style::kGreen : Style::kRed);
    text_.add(fmt::format("  {}\n", to_string(explanation.cause)), Style::kDim);
    text_.add(fmt::format("\n{}\n", explanation.sentence), Style::kBold);
    for (const std::string& hint : explanation.hints) text_.add(fmt::format("  · {}\n", hint));
    section(explanation, Standing::kDetermining, "What decided");
    section(explanation, Standing::kNearest, "Nearest permits");
    candidates(explanation);
    if (explanation.is_truncated) text_.add("\nThere is more than is shown here.\n", Style::kDim);
    return std::move(text_);
  }

 private:
  void section(const explain::Explanation& explanation, Standing standing, std::string_view title) {
    bool is_first = true;
    for (const ExplainedPolicy& policy : explanation.policies) {
      if (policy.standing != standing) continue;
      if (is_first) text_.add(fmt::format("\n{}\n", title), Style::kBold);
      is_first = false;
      heading(policy);
      for (const ExplainedPart& part : policy.parts) add(part);
    }
  }

  void heading(const ExplainedPolicy& policy) {
    text_.add(fmt::format("\n  {}", policy.id), Style::kBold);
    text_.add(fmt::format("  {}{}", to_string(policy.role), place(policy)), Style::kDim);
    if (policy.is_template) text_.add("  not linked", Style::kDim);
    text_.add("\n");
    if (!policy.reason.empty()) text_.add(fmt::format("  {}\n", policy.reason));
  }

  std::string place(const ExplainedPolicy& policy) const {
    const std::string place = place_of(policy, sources_);
    return place.empty() ? "" : "  " + place;
  }

  void add(const ExplainedPart& part) {
    const Mark mark = mark_of(part.state);
    text_.add(fmt::format("    {} ", mark.sign), mark.style);
    text_.add(part.need + "\n", part.is_missing ? Style::kPlain : Style::kDim);
    if (!part.is_missing && part.state == PartState::kHolds) return;
    text_.add(fmt::format("        {} {}\n", part.place, clause(part)), Style::kDim);
    for (const explain::SeenValue& seen : part.seen) {
      text_.add(fmt::format("        {} = {}\n", seen.of, seen.value.value_or("(withheld)")),
                Style::kDim);
    }
  }

  /// As it stands in the policy, without the name of the place twice.
  static std::string clause(const ExplainedPart& part) {
    const bool is_condition = part.place == "when" || part.place == "unless";
    if (is_condition) return fmt::format("{{ {} }}", part.cedar);
    return part.cedar.substr(std::min(part.place.size() + 1, part.cedar.size()));
  }

  void candidates(const explain::Explanation& explanation) {
    bool is_first = true;
    for (const ExplainedPolicy& policy : explanation.policies) {
      if (policy.standing != Standing::kCandidate) continue;
      if (is_first) text_.add("\nOther rules for this action\n", Style::kBold);
      is_first = false;
      const bool is_satisfied = policy.outcome == PolicyOutcome::kSatisfied;
      text_.add(is_satisfied ? "    ✓ " : "    · ", is_satisfied ? Style::kGreen : Style::kDim);
      text_.add(policy.id);
      text_.add(fmt::format("  {}{}\n", to_string(policy.role), place(policy)), Style::kDim);
      if (!is_satisfied) why_not(policy);
    }
  }

  void why_not(const ExplainedPolicy& policy) {
    for (const ExplainedPart& part : policy.parts) {
      if (part.state == PartState::kHolds || part.state == PartState::kNotReached) continue;
      const Mark mark = mark_of(part.state);
      text_.add(fmt::format("        {} {}\n", mark.sign, part.need), Style::kDim);
      return;
    }
  }

  const pdp::Sources& sources_;
  StyledText text_;
};

}  // namespace

std::string place_of(const ExplainedPolicy& policy, const pdp::Sources& sources) {
  if (policy.source.empty()) return "";
  const auto source = std::ranges::find(sources.policies, policy.source, &pdp::Source::name);
  if (source == sources.policies.end()) return policy.source;
  return fmt::format("{}:{}", policy.source, position_at(source->text, policy.span.begin).line);
}

StyledText explanation_text(const explain::Explanation& explanation, const pdp::Sources& sources) {
  return ExplanationText(sources).of(explanation);
}

}  // namespace wardlock::cli
