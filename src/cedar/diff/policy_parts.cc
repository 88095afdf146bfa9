#include "cedar/diff/policy_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

/// What came as JSON may have no text; its JSON tells it from others as well.
std::string expression_text(const Expr& expression) {
  if (auto text = to_text(expression)) return *std::move(text);
  const auto json = expression_to_json(expression);
  return json ? codec::to_json_text(*json) : "(too deep to be written)";
}

/// `when { a && b }` is `when { a } when { b }`, and `unless { a || b }` likewise: the same is
/// evaluated in the same order, and ends at the same place.
void take_apart(const Expr& body, bool is_unless, std::vector<WrittenPart>& parts) {
  const auto* all = std::get_if<AndExpr>(&body.node);
  const auto* any = std::get_if<OrExpr>(&body.node);
  std::span<const Expr* const> operands;
  if (all != nullptr && !is_unless) operands = all->operands;
  if (any != nullptr && is_unless) operands = any->operands;
  for (const Expr* operand : operands) take_apart(*operand, is_unless, parts);
  if (operands.empty()) parts.push_back({is_unless ? "unless" : "when", expression_text(body)});
}

/// No order, and no action twice, makes a difference.
std::string sorted_text(const ActionConstraint& scope) {
  std::vector<const EntityUid*> actions(scope.actions.begin(), scope.actions.end());
  std::ranges::sort(actions, [](const auto* a, const auto* b) { return *a < *b; });
  const auto same =
      std::ranges::unique(actions, [](const auto* a, const auto* b) { return *a == *b; });
  actions.erase(same.begin(), same.end());
  ActionConstraint sorted = scope;
  sorted.actions = actions;
  return to_text(sorted);
}

/// Where two lists of conditions go together: the longest sequence that both have. Of several, the
/// same one whichever list comes first.
class Alignment {
 public:
  using Parts = std::span<const WrittenPart>;

  Alignment(Parts before, Parts after) : before_(before), after_(after) {
    lengths_.assign((before.size() + 1) * (after.size() + 1), 0);
    for (std::size_t i = before.size(); i-- > 0;) {
      for (std::size_t j = after.size(); j-- > 0;) {
        at(i, j) =
            before[i] == after[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }

  /// Whether the next to go is the one of `before` at `i`; it is the one of `after` otherwise.
  /// Requires the two to differ.
  bool goes_first(std::size_t i, std::size_t j) {
    if (at(i + 1, j) != at(i, j + 1)) return at(i + 1, j) > at(i, j + 1);
    return before_[i].text < after_[j].text;
  }

 private:
  std::uint32_t& at(std::size_t i, std::size_t j) { return lengths_[i * (after_.size() + 1) + j]; }

  Parts before_;
  Parts after_;
  std::vector<std::uint32_t> lengths_;
};

/// Conditions that are gone and come between two that stayed.
class Gap {
 public:
  explicit Gap(std::vector<PartChange>& changes) : changes_(changes) {}

  void remove(const WrittenPart& part) { gone_.push_back(&part); }
  void add(const WrittenPart& part) { come_.push_back(&part); }

  /// One that took the place of one is told as the same that changed.
  void close() {
    if (gone_.size() == 1 && come_.size() == 1 && gone_[0]->name == come_[0]->name) {
      changes_.push_back({gone_[0]->name, gone_[0]->text, come_[0]->text});
    } else {
      for (const WrittenPart* part : gone_) changes_.push_back({part->name, part->text, {}});
      for (const WrittenPart* part : come_) changes_.push_back({part->name, {}, part->text});
    }
    gone_.clear();
    come_.clear();
  }

 private:
  std::vector<PartChange>& changes_;
  std::vector<const WrittenPart*> gone_;
  std::vector<const WrittenPart*> come_;
};

/// Lists of more pairs than this are not aligned.
constexpr std::size_t kMaxPairs = 40'000;

void diff_conditions(std::span<const WrittenPart> before, std::span<const WrittenPart> after,
                     std::vector<PartChange>& changes) {
  while (!before.empty() && !after.empty() && before.front() == after.front()) {
    before = before.subspan(1);
    after = after.subspan(1);
  }
  while (!before.empty() && !after.empty() && before.back() == after.back()) {
    before = before.first(before.size() - 1);
    after = after.first(after.size() - 1);
  }
  Gap gap(changes);
  std::size_t i = 0, j = 0;
  if (!before.empty() && before.size() <= kMaxPairs / std::max<std::size_t>(after.size(), 1)) {
    Alignment alignment(before, after);
    while (i < before.size() && j < after.size()) {
      if (before[i] == after[j]) {
        gap.close();
        ++i, ++j;
      } else if (alignment.goes_first(i, j)) {
        gap.remove(before[i++]);
      } else {
        gap.add(after[j++]);
      }
    }
  }
  for (; i < before.size(); ++i) gap.remove(before[i]);
  for (; j < after.size(); ++j) gap.add(after[j]);
  gap.close();
}

}  // namespace

PolicyParts written_parts(const Template& policy) {
  PolicyParts out{.effect = std::string(to_string(policy.effect))};
  for (const Annotation& annotation : policy.annotations) {
    // `@name` alone is Cedar's `@name("")`.
    out.annotations.push_back(
        {fmt::format("@{}", annotation.name), quote(annotation.value.value_or(""))});
  }
  std::ranges::sort(out.annotations, {}, &WrittenPart::name);
  out.scope = {{"action", sorted_text(policy.action)},
               {"principal", to_text("principal", policy.principal)},
               {"resource", to_text("resource", policy.resource)}};
  for (const Condition& condition : policy.conditions) {
    take_apart(*condition.body, condition.is_unless, out.conditions);
  }
  return out;
}

PolicyParts written_parts(const Policy& policy) {
  if (!policy.is_link()) return written_parts(*policy.body);
  PolicyParts out;
  if (policy.principal_slot != nullptr) {
    out.scope.push_back({"?principal", to_text(*policy.principal_slot)});
  }
  if (policy.resource_slot != nullptr) {
    out.scope.push_back({"?resource", to_text(*policy.resource_slot)});
  }
  out.scope.push_back({"template", policy.body->id});
  return out;
}

std::string PolicyParts::likeness() const {
  std::string out = effect;
  for (const auto* parts : {&annotations, &scope, &conditions}) {
    for (const WrittenPart& part : *parts) {
      if (part.name == "@id") continue;
      out += fmt::format("{}:{}{}:{}", part.name.size(), part.name, part.text.size(), part.text);
    }
    out += ';';
  }
  return out;
}

std::vector<PartChange> diff_parts(const PolicyParts& before, const PolicyParts& after) {
  std::vector<PartChange> changes;
  if (before.effect != after.effect) changes.push_back({"effect", before.effect, after.effect});
  diff_named(before.annotations, after.annotations, changes);
  diff_named(before.scope, after.scope, changes);
  diff_conditions(before.conditions, after.conditions, changes);
  return changes;
}

}  // namespace wardlock::cedar
