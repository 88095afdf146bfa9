#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compare/report/diff_report.h"

namespace wardlock::compare {
namespace {

constexpr std::size_t kGroupsShown = 20;

using Weight = SummaryLine::Weight;

std::string_view verb_of(DecisionChange change) {
  switch (change) {
    case DecisionChange::kLoses: return "loses";
    case DecisionChange::kGains: return "gains";
    case DecisionChange::kCannotBeAsked: return "cannot be asked any more about";
    case DecisionChange::kCanBeAsked: return "can be asked about";
    case DecisionChange::kObligations: return "has other obligations with";
    case DecisionChange::kRemedy: return "has other ways to get";
    case DecisionChange::kCause: return "has another cause for";
    case DecisionChange::kPolicies: return "has other policies for";
  }
  return "changes";
}

Weight weight_of(DecisionChange change) {
  switch (change) {
    case DecisionChange::kLoses:
    case DecisionChange::kCannotBeAsked: return Weight::kBad;
    case DecisionChange::kGains:
    case DecisionChange::kCanBeAsked:
    case DecisionChange::kObligations: return Weight::kWarning;
    case DecisionChange::kRemedy:
    case DecisionChange::kCause:
    case DecisionChange::kPolicies: break;
  }
  return Weight::kPlain;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Collects lines.
class SummaryWriter {
 public:
  explicit SummaryWriter(const DiffReport& report) : report_(report), table_(report.table) {}

  std::vector<SummaryLine> write() && {
    add(fmt::format("{}: {} compared, {} changed", fmt::join(report_.questions, "; "),
                    counted(table_.compared, "question"), table_.changed));
    add_counts();
    add_groups();
    add_matrix();
    add_left_out();
    return std::move(lines_);
  }

 private:
  void add(std::string text, Weight weight = Weight::kPlain) {
    lines_.push_back({std::move(text), weight});
  }

  void add_counts() {
    for (const DecisionChangeWord& word : all_decision_changes()) {
      const std::uint64_t count = table_.count_of(word.value);
      if (count > 0) add(fmt::format("  {:>10}  {}", count, word.about), weight_of(word.value));
    }
    if (table_.changed == 0 && table_.compared > 0) add("no difference", Weight::kGood);
    if (table_.compared == 0) {
      add("no question could be compared: this says nothing of the change", Weight::kWarning);
    }
  }

  void add_groups() {
    std::size_t shown = 0;
    for (const ChangeGroup& group : table_.groups) {
      if (shown++ == kGroupsShown) break;
      add(fmt::format("{}: {} by {}{}", sentence_of(group), counted(group.count, "time"),
                      group.are_people_fewest ? "at least " : "",
                      counted(group.people, "principal")),
          weight_of(group.change));
      add(fmt::format("    {} -> {}", answer_text(group.before), answer_text(group.after)));
      if (!group.examples.empty())
        add("    " + example_text(group.examples.front()), Weight::kFaint);
    }
    if (table_.groups.size() > kGroupsShown) {
      add(fmt::format("and {} more: see the reports of `--html`, `--csv` or `--json`",
                      counted(table_.groups.size() - kGroupsShown, "group")));
    }
  }

  static std::string example_text(const ChangeExample& example) {
    std::string out = fmt::format("e.g. {} {} {} ({})", example.principal, example.action,
                                  example.resource, example.name);
    if (!example.refusal.empty()) out += ": " + example.refusal;
    return out;
  }

  void add_matrix() {
    std::size_t differing = 0;
    for (const MatrixCell& cell : report_.matrix.cells) differing += cell.differs() ? 1 : 0;
    if (differing == 0) return;
    add(fmt::format("by the policies' scopes, rights of roles differ in {}",
                    counted(differing, "place")));
  }

  void add_left_out() {
    for (const LeftOutWord& word : all_left_out()) {
      const LeftOutCount& left_out = table_.left_out[static_cast<std::size_t>(word.value)];
      if (left_out.count == 0) continue;
      add(fmt::format("left out {}: {} (e.g. {})", left_out.count, word.about, left_out.example),
          Weight::kWarning);
    }
  }

  const DiffReport& report_;
  const DecisionTable& table_;
  std::vector<SummaryLine> lines_;
};

}  // namespace

std::string sentence_of(const ChangeGroup& group) {
  return fmt::format("{} {} {} on {}", group.role, verb_of(group.change), group.action,
                     group.resource_type);
}

std::string answer_text(const AnswerSide& side) {
  std::string out(side.decision());
  const bool says_policies = !side.policies.empty();
  out += fmt::format(" ({}{}{})", side.cause, says_policies ? ": " : "",
                     fmt::join(side.policies, ", "));
  if (!side.obligations.empty()) out += fmt::format(", to {}", fmt::join(side.obligations, ", "));
  if (side.is_override_possible) out += ", breaking the glass helps";
  if (!side.step_up.empty()) out += fmt::format(", signing in with {} helps", side.step_up);
  return out;
}

std::vector<SummaryLine> diff_summary(const DiffReport& report) {
  return SummaryWriter(report).write();
}

}  // namespace wardlock::compare
