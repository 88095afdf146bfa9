#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "audit/inspect/record_check.h"
#include "compare/report/diff_report.h"

namespace wardlock::compare {
namespace {

using boost::json::array;
using boost::json::object;

array strings(const std::vector<std::string>& texts) {
  array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

object to_json(const ComparedSet& set) {
  return {{"name", set.name}, {"policy_set", set.policy_set}, {"policies", set.policies}};
}

object to_json(const AnswerSide& side) {
  object out{{"decision", side.decision()}, {"cause", side.cause}};
  if (!side.policies.empty()) out["policies"] = strings(side.policies);
  if (!side.obligations.empty()) out["obligations"] = strings(side.obligations);
  if (side.is_override_possible) out["override_possible"] = true;
  if (!side.step_up.empty()) out["step_up"] = side.step_up;
  return out;
}

object to_json(const ChangeExample& example) {
  object out{{"question", example.name},
             {"at", audit::time_text(example.at)},
             {"principal", example.principal},
             {"action", example.action},
             {"resource", example.resource}};
  if (!example.refusal.empty()) out["refusal"] = example.refusal;
  return out;
}

object to_json(const ChangeGroup& group) {
  array examples;
  for (const ChangeExample& example : group.examples) examples.push_back(to_json(example));
  object out{{"change", word_of(group.change).name},
             {"role", group.role},
             {"action", group.action},
             {"resource_type", group.resource_type},
             {"count", group.count},
             {"principals", group.people},
             {"before", to_json(group.before)},
             {"after", to_json(group.after)},
             {"examples", std::move(examples)}};
  if (group.are_people_fewest) out["principals_at_least"] = true;
  return out;
}

object to_json(const RoleRights& rights) {
  object out{{"standing", to_string(rights.standing)}};
  if (!rights.permits.empty()) out["permits"] = strings(rights.permits);
  if (!rights.limits.empty()) out["limits"] = strings(rights.limits);
  return out;
}

object summary_json(const DecisionTable& table) {
  object changes;
  for (const DecisionChangeWord& word : all_decision_changes()) {
    changes[word.name] = table.count_of(word.value);
  }
  return {{"compared", table.compared},
          {"changed", table.changed},
          {"changes_access", table.changes_access()},
          {"left_out", table.all_left_out()},
          {"changes", std::move(changes)}};
}

array left_out_json(const DecisionTable& table) {
  array out;
  for (const LeftOutWord& word : all_left_out()) {
    const LeftOutCount& left_out = table.left_out[static_cast<std::size_t>(word.value)];
    if (left_out.count == 0) continue;
    out.push_back(object{{"why", word.name},
                         {"about", word.about},
                         {"count", left_out.count},
                         {"example", left_out.example}});
  }
  return out;
}

/// What is counted and not listed, since there were too many.
object beyond_json(const DiffReport& report) {
  object out;
  for (const DecisionChangeWord& word : all_decision_changes()) {
    const std::uint64_t count = report.table.ungrouped[static_cast<std::size_t>(word.value)];
    if (count > 0) out[word.name] = count;
  }
  if (report.table.asked_elsewhere > 0) out["asked"] = report.table.asked_elsewhere;
  if (report.matrix.left_out_roles > 0) out["roles"] = report.matrix.left_out_roles;
  return out;
}

array asked_json(const DecisionTable& table) {
  array out;
  for (const AskedCell& cell : table.asked) {
    out.push_back(object{{"role", cell.role},
                         {"action", cell.action},
                         {"resource_type", cell.resource_type},
                         {"asked", cell.asked},
                         {"allowed_before", cell.allowed_before},
                         {"allowed_after", cell.allowed_after}});
  }
  return out;
}

array matrix_json(const AccessMatrix& matrix) {
  array out;
  for (const MatrixCell& cell : matrix.cells) {
    out.push_back(object{{"role", cell.role},
                         {"action", cell.action},
                         {"resource_type", cell.resource_type},
                         {"before", to_json(cell.before)},
                         {"after", to_json(cell.after)},
                         {"differs", cell.differs()}});
  }
  return out;
}

}  // namespace

codec::Json diff_document(const DiffReport& report) {
  object source{{"from", strings(report.questions)}};
  if (report.from) source["since"] = audit::time_text(*report.from);
  if (report.until) source["until"] = audit::time_text(*report.until);
  array groups;
  for (const ChangeGroup& group : report.table.groups) groups.push_back(to_json(group));
  object out{{"format", "wardlock policy diff"},
             {"version", 1},
             {"made_at", audit::time_text(report.made_at)},
             {"made_with", report.program},
             {"before", to_json(report.before)},
             {"after", to_json(report.after)},
             {"questions", std::move(source)},
             {"summary", summary_json(report.table)},
             {"changes", std::move(groups)},
             {"left_out", left_out_json(report.table)},
             {"asked", asked_json(report.table)},
             {"rights", matrix_json(report.matrix)}};
  if (object beyond = beyond_json(report); !beyond.empty()) out["beyond"] = std::move(beyond);
  return out;
}

}  // namespace wardlock::compare
