#include <boost/json/array.hpp>

#include "base/line_index.h"
#include "suite/report.h"

namespace wardlock::suite {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

array strings(const std::vector<std::string>& texts) {
  array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

array strings(const std::vector<Word>& words) {
  array out;
  for (const Word& word : words) out.emplace_back(word.text);
  return out;
}

object to_json(const Authentication& authentication) {
  return {{"level", authentication.level}, {"methods", strings(authentication.methods)}};
}

object to_json(const Described& described) {
  object out{{"type", described.type}, {"id", described.id}};
  if (!described.properties.empty()) out["properties"] = described.properties;
  return out;
}

/// As an AuthZEN request, which can be sent to a server as it is.
object to_json(const Asked& asked) {
  object action{{"name", asked.action}};
  if (!asked.action_properties.empty()) action["properties"] = asked.action_properties;
  object options;
  if (asked.authentication) options["authentication"] = to_json(*asked.authentication);
  if (!asked.fulfils.empty()) options["obligations"] = strings(asked.fulfils);
  if (!asked.grant.empty()) options["grant"] = asked.grant;
  if (asked.actor) options["actor"] = to_json(*asked.actor);
  object out{{"subject", to_json(asked.principal)},
             {"action", std::move(action)},
             {"resource", to_json(asked.resource)},
             {"context", asked.context}};
  if (!options.empty()) out["options"] = std::move(options);
  return out;
}

object to_json(const Expectation& expected) {
  object out;
  if (expected.is_allowed) out["decision"] = *expected.is_allowed ? "allow" : "deny";
  if (expected.cause) out["cause"] = to_string(*expected.cause);
  if (expected.policies) out["policies"] = strings(*expected.policies);
  if (expected.obligations) out["obligations"] = strings(*expected.obligations);
  if (expected.errors) out["errors"] = strings(*expected.errors);
  if (expected.is_override_possible) out["override_possible"] = *expected.is_override_possible;
  if (expected.is_withheld) out["withheld"] = *expected.is_withheld;
  if (expected.step_up) {
    out["step_up"] = *expected.step_up ? Json(to_json(**expected.step_up)) : Json(nullptr);
  }
  if (expected.refusal) out["refusal"] = *expected.refusal;
  return out;
}

object to_json(const Result<Answer>& answer) {
  if (!answer) return {{"refusal", answer.error().message}};
  object out{{"decision", answer->is_allowed ? "allow" : "deny"},
             {"cause", to_string(answer->cause)},
             {"policies", strings(answer->policies)},
             {"obligations", strings(answer->obligations)},
             {"errors", strings(answer->errors)},
             {"override_possible", answer->is_override_possible},
             {"withheld", answer->is_withheld},
             {"step_up", answer->step_up ? Json(to_json(*answer->step_up)) : Json(nullptr)}};
  if (!answer->notes.empty()) out["notes"] = strings(answer->notes);
  return out;
}

object to_json(const SuiteFile& file, const LineIndex& lines, const TestResult& result) {
  const Test& test = *result.test;
  const Position at = lines.position_at(test.span.begin);
  const std::string moment = cedar::to_text(cedar::Value::datetime(test.asked.at));
  object out{{"name", file.suite.name_of(test)},
             {"group", file.suite.groups[test.group].name},
             {"line", at.line},
             {"column", at.column},
             {"status", to_string(result.status)},
             {"question", to_json(test.asked)},
             {"at", moment.substr(moment.find('"') + 1, moment.rfind('"') - moment.find('"') - 1)},
             {"expected", to_json(test.expected)}};
  if (!test.asked.pep.empty()) out["pep"] = test.asked.pep;
  if (test.skip) out["skip"] = *test.skip;
  if (result.answer) out["found"] = to_json(*result.answer);
  if (result.status != Status::kFailed) return out;
  array differences;
  for (const Difference& each : result.differences) {
    differences.push_back(
        {{"what", each.what}, {"expected", each.expected}, {"found", each.found}});
  }
  out["differences"] = std::move(differences);
  out["why"] = strings(result.why);
  return out;
}

object to_json(const SuiteResult& suite) {
  array tests, groups;
  for (const Group& group : suite.file->suite.groups) {
    groups.push_back({{"name", group.name}, {"tags", strings(group.tags)}});
  }
  const LineIndex lines(suite.file->text);
  for (const TestResult& result : suite.results) {
    tests.push_back(to_json(*suite.file, lines, result));
  }
  object out{{"file", suite.file->name},
             {"name", suite.file->suite.name},
             {"groups", std::move(groups)},
             {"tests", std::move(tests)}};
  if (const auto& entities = suite.file->suite.entities) {
    out[entities->are_added ? "more_entities" : "entities"] = entities->json;
  }
  return out;
}

}  // namespace

object json_report(std::span<const SuiteResult> results) {
  array suites;
  for (const SuiteResult& suite : results) suites.push_back(to_json(suite));
  const Tally all = tally(results);
  return {{"suites", std::move(suites)},
          {"summary",
           {{"tests", all.total()},
            {"passed", all.passed},
            {"failed", all.failed},
            {"skipped", all.skipped}}}};
}

}  // namespace wardlock::suite
