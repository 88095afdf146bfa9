#include "compare/decisions/decision_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/utf8.h"
#include "pdp/resolve.h"

namespace wardlock::compare {
namespace {

constexpr std::size_t kUsualBytes = std::size_t{64} << 10;

bool allows(const DecidedAnswer& answer) { return answer && answer->is_allowed; }

DecidedAnswer answer(const pdp::Snapshot& snapshot, const PosedQuestion& question,
                     const Result<pdp::ResolvedRequest>& meant, Arena& arena) {
  if (!meant) return std::unexpected(meant.error());
  return pdp::decide(snapshot, question.access, *meant, question.at, arena);
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && is_continuation_byte(text[most])) --most;
  return std::string(text.substr(0, most)) + "…";
}

/// The entity, or of one that is not to be named its type.
std::string uid_text(const pdp::DescribedEntity& entity, const DiffLimits& limits) {
  const std::size_t most = limits.max_example_bytes;
  if (!limits.names_people) return cut(entity.type, most);
  return cut(fmt::format("{}::{}", entity.type, cedar::quote(entity.id)), most);
}

void append(std::string_view text, std::string& key) {
  key += text;
  key += '\0';
}

void append(const AnswerSide& side, std::string& key) {
  append(side.decision(), key);
  append(side.cause, key);
  for (const auto* texts : {&side.policies, &side.obligations}) {
    for (const std::string& text : *texts) append(text, key);
    key += '\1';
  }
  append(side.step_up, key);
  key += side.is_override_possible ? '+' : '-';
}

auto order_of(const AnswerSide& side) {
  return std::tie(side.is_answered, side.is_allowed, side.cause, side.policies, side.obligations,
                  side.is_override_possible, side.step_up);
}

bool comes_before(const ChangeGroup& a, const ChangeGroup& b) {
  if (a.change != b.change) return a.change < b.change;
  if (a.count != b.count) return a.count > b.count;
  const auto names = [](const ChangeGroup& group) {
    return std::tie(group.role, group.action, group.resource_type);
  };
  if (names(a) != names(b)) return names(a) < names(b);
  if (a.before != b.before) return order_of(a.before) < order_of(b.before);
  return order_of(a.after) < order_of(b.after);
}

}  // namespace

DecisionDiff::DecisionDiff(const pdp::Snapshot& before, const pdp::Snapshot& after,
                           DiffLimits limits)
    : before_(&before),
      after_(&after),
      limits_(limits),
      roles_(before, after, after.entities),
      memory_(kUsualBytes) {
  ask_of(before, after);
}

void DecisionDiff::ask_of(const pdp::Snapshot& before, const pdp::Snapshot& after) {
  before_ = &before;
  after_ = &after;
  are_alike_ = pdp::resolve_alike(before, after);
  roles_.look_in(after.entities);
}

bool DecisionDiff::is_reproduced(const PosedQuestion& question, const DecidedAnswer& before) {
  if (!question.recorded) return true;
  if (before && before->is_allowed == question.recorded->is_allowed) return true;
  const bool is_by_others = !question.recorded->policy_set.empty() &&
                            question.recorded->policy_set != before_->policy_set();
  if (is_by_others) {
    leave_out(LeftOut::kOtherPolicies, question.name);
  } else if (!before) {
    leave_out(LeftOut::kUnanswerable, fmt::format("{}: {}", question.name, told(before.error())));
  } else {
    leave_out(LeftOut::kNotReproduced, question.name);
  }
  return false;
}

/// Messages quote what was asked about.
std::string DecisionDiff::told(const Error& error) const {
  return limits_.names_people ? error.message : std::string(to_string(error.code));
}

void DecisionDiff::take(const PosedQuestion& question) {
  Arena arena{std::span(memory_)};
  const auto meant = pdp::resolve(*before_, question.access, question.at, arena);
  const DecidedAnswer before = answer(*before_, question, meant, arena);
  if (!is_reproduced(question, before)) return;
  const DecidedAnswer after = are_alike_
                                  ? answer(*after_, question, meant, arena)
                                  : pdp::decide(*after_, question.access, question.at, arena);
  if (!before && !after) {
    return leave_out(LeftOut::kUnanswerable,
                     fmt::format("{}: {}", question.name, told(before.error())));
  }
  ++table_.compared;
  const std::uint32_t role =
      roles_.find(question.access.principal.type, question.access.principal.id);
  count(question, role, allows(before), allows(after));
  if (const auto change = find_change(before, after)) {
    group(*change, question, role, before, after);
  }
}

void DecisionDiff::leave_out(LeftOut why, std::string_view example) {
  LeftOutCount& left_out = table_.left_out[static_cast<std::size_t>(why)];
  if (left_out.count++ == 0) left_out.example = cut(example, limits_.max_example_bytes);
}

void DecisionDiff::count(const PosedQuestion& question, std::uint32_t role, bool before,
                         bool after) {
  Cell cell{.role = role, .action = question.access.action, .type = question.access.resource.type};
  auto it = cells_.find(cell);
  if (it == cells_.end()) {
    if (cells_.size() == limits_.max_cells) {
      ++table_.asked_elsewhere;
      return;
    }
    cell.action = names_.copy(cell.action);
    cell.type = names_.copy(cell.type);
    it = cells_.emplace(cell, Counts{}).first;
  }
  ++it->second.asked;
  it->second.before += before ? 1 : 0;
  it->second.after += after ? 1 : 0;
}

DecisionDiff::Group* DecisionDiff::find_group(DecisionChange change, const PosedQuestion& question,
                                              std::uint32_t role, const DecidedAnswer& before,
                                              const DecidedAnswer& after) {
  const AnswerSide sides[] = {side_of(before), side_of(after)};
  key_.clear();
  append(roles_.name(role), key_);
  append(question.access.action, key_);
  append(question.access.resource.type, key_);
  for (const AnswerSide& side : sides) append(side, key_);
  const auto known = groups_.find(std::string_view(key_));
  if (known != groups_.end()) return &known->second;
  if (groups_.size() == limits_.max_groups || key_.size() > limits_.max_group_bytes) return nullptr;
  Group& group = groups_[key_];
  group.shown = {.change = change,
                 .role = roles_.name(role),
                 .action = std::string(question.access.action),
                 .resource_type = std::string(question.access.resource.type),
                 .before = sides[0],
                 .after = sides[1]};
  return &group;
}

void DecisionDiff::group(DecisionChange change, const PosedQuestion& question, std::uint32_t role,
                         const DecidedAnswer& before, const DecidedAnswer& after) {
  ++table_.changed;
  ++table_.changes[static_cast<std::size_t>(change)];
  Group* group = find_group(change, question, role, before, after);
  if (group == nullptr) {
    ++table_.ungrouped[static_cast<std::size_t>(change)];
    return;
  }
  ++group->shown.count;
  add_person(question, *group);
  add_example(question, before, after, *group);
}

void DecisionDiff::add_person(const PosedQuestion& question, Group& group) {
  const pdp::DescribedEntity& principal = question.access.principal;
  const std::uint64_t person = cedar::hash_uid(principal.type, principal.id);
  if (group.people.contains(person)) return;
  if (people_ == limits_.max_people) {
    group.shown.are_people_fewest = true;
    return;
  }
  ++people_;
  group.people.insert(person);
}

void DecisionDiff::add_example(const PosedQuestion& question, const DecidedAnswer& before,
                               const DecidedAnswer& after, Group& group) const {
  if (group.shown.examples.size() == limits_.max_examples) return;
  const std::size_t most = limits_.max_example_bytes;
  const DecidedAnswer& refused = before ? after : before;
  group.shown.examples.push_back({.name = cut(question.name, most),
                                  .at = question.at,
                                  .principal = uid_text(question.access.principal, limits_),
                                  .action = cut(question.access.action, most),
                                  .resource = uid_text(question.access.resource, limits_),
                                  .refusal = refused ? "" : cut(told(refused.error()), most)});
}

DecisionTable DecisionDiff::finish() && {
  for (const auto& [cell, counts] : cells_) {
    table_.asked.push_back({.role = roles_.name(cell.role),
                            .action = std::string(cell.action),
                            .resource_type = std::string(cell.type),
                            .asked = counts.asked,
                            .allowed_before = counts.before,
                            .allowed_after = counts.after});
  }
  std::ranges::sort(table_.asked, {}, [](const AskedCell& cell) {
    return std::tie(cell.role, cell.action, cell.resource_type);
  });
  for (auto& [key, group] : groups_) {
    group.shown.people = group.people.size();
    table_.groups.push_back(std::move(group.shown));
  }
  std::ranges::sort(table_.groups, comes_before);
  return std::move(table_);
}

}  // namespace wardlock::compare
