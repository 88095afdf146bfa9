#include "suite/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "cedar/parser/parser.h"
#include "pdp/counted_decision.h"
#include "suite/key_check.h"
#include "suite/why.h"

namespace wardlock::suite {
namespace {

std::string_view decision_word(bool is_allowed) { return is_allowed ? "allow" : "deny"; }

std::string list_text(const std::set<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

std::set<std::string> texts_of(const std::vector<Word>& words) {
  std::set<std::string> texts;
  for (const Word& word : words) texts.insert(word.text);
  return texts;
}

/// The policies of `policy: why`.
std::set<std::string> erring(const Answer& decision) {
  std::set<std::string> names;
  for (const std::string& error : decision.errors) names.insert(error.substr(0, error.find(": ")));
  return names;
}

/// Compares an answer with what it must be.
class Comparison {
 public:
  void compare(const Expectation& expected, const Answer& found) {
    if (expected.refusal) {
      return differ("refusal", *expected.refusal, decision_word(found.is_allowed));
    }
    if (expected.is_allowed && *expected.is_allowed != found.is_allowed) {
      differ("decision", decision_word(*expected.is_allowed), decision_word(found.is_allowed));
    }
    if (expected.cause && *expected.cause != found.cause) {
      differ("cause", to_string(*expected.cause), to_string(found.cause));
    }
    sets("policies", expected.policies, {found.policies.begin(), found.policies.end()});
    sets("obligations", expected.obligations, {found.obligations.begin(), found.obligations.end()});
    sets("errors", expected.errors, erring(found));
    flags("override_possible", expected.is_override_possible, found.is_override_possible);
    flags("withheld", expected.is_withheld, found.is_withheld);
    if (expected.step_up) texts("step_up", to_text(*expected.step_up), to_text(found.step_up));
  }

  void compare(const Expectation& expected, const Error& refusal) {
    if (!expected.refusal) {
      return differ("decision", decision_word(*expected.is_allowed), "refused: " + refusal.message);
    }
    if (!refusal.message.contains(*expected.refusal)) {
      differ("refusal", *expected.refusal, refusal.message);
    }
  }

  std::vector<Difference> differences() && { return std::move(differences_); }

 private:
  void differ(std::string_view what, std::string_view expected, std::string_view found) {
    differences_.push_back({what, std::string(expected), std::string(found)});
  }
  void texts(std::string_view what, const std::string& expected, const std::string& found) {
    if (expected != found) differ(what, expected, found);
  }
  void flags(std::string_view what, std::optional<bool> expected, bool found) {
    if (expected) texts(what, fmt::to_string(*expected), fmt::to_string(found));
  }
  void sets(std::string_view what, const std::optional<std::vector<Word>>& expected,
            const std::set<std::string>& found) {
    if (expected) texts(what, list_text(texts_of(*expected)), list_text(found));
  }

  std::vector<Difference> differences_;
};

/// What there is that a suite may name.
struct Universe {
  std::vector<std::string> policies;
  std::vector<std::string> obligations;
  std::vector<std::string> actions;
  std::vector<std::string> types;
};

Universe universe_of(const pdp::Snapshot& snapshot) {
  Universe out;
  for (const cedar::Policy& policy : snapshot.policies().policies()) {
    out.policies.push_back(policy.id);
    if (const auto name = policy.body->annotation("obligation"))
      out.obligations.emplace_back(*name);
  }
  if (!snapshot.schema()) return out;
  for (const cedar::ActionType& action : snapshot.schema()->actions()) {
    out.actions.emplace_back(action.uid->id);
    out.actions.push_back(cedar::to_text(*action.uid));
  }
  for (const cedar::EntityType& type : snapshot.schema()->entity_types()) {
    out.types.emplace_back(type.name);
  }
  return out;
}

void check_word(std::string_view what, const std::string& word, Span span,
                const std::vector<std::string>& words, Findings& findings) {
  if (std::ranges::find(words, word) != words.end()) return;
  refuse_unknown(span, what, word, words, findings);
}

Answer to_answer(const pdp::AccessDecision& decision) {
  const auto owned = [](pdp::AccessDecision::Texts texts) {
    return std::vector<std::string>(texts.begin(), texts.end());
  };
  Answer answer{.is_allowed = decision.is_allowed,
                .cause = decision.cause,
                .policies = owned(decision.policies),
                .obligations = owned(decision.obligations),
                .errors = owned(decision.errors),
                .notes = owned(decision.notes),
                .is_override_possible = decision.is_override_possible,
                .is_withheld = decision.is_withheld};
  if (decision.grant) answer.grant = *decision.grant;
  if (decision.step_up) {
    answer.step_up = {.level = decision.step_up->level,
                      .methods = owned(decision.step_up->methods)};
  }
  return answer;
}

/// To make a question of a test, and texts of its answer.
constexpr std::uint64_t kQuestionSteps = 200;
/// To read a byte of text, and check what it says.
constexpr std::uint64_t kByteSteps = 4;

Result<Answer> decide(const Test& test, const pdp::Snapshot& snapshot, cedar::StepBudget* budget) {
  Arena arena;
  const pdp::Caller caller = pdp::Caller::unrestricted(test.asked.pep);
  const pdp::AccessRequest request = to_request(test.asked, caller, arena);
  if (budget == nullptr) {
    return to_answer(TRY(pdp::decide(snapshot, request, test.asked.at, arena)));
  }
  budget->take(kQuestionSteps);
  const auto counted = TRY(pdp::decide_counted(snapshot, request, test.asked.at, arena));
  budget->take(counted.steps);
  return to_answer(counted.decision);
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::kPassed: return "passed";
    case Status::kFailed: return "failed";
    case Status::kSkipped: return "skipped";
  }
  return "unknown";
}

std::string to_text(const std::optional<Authentication>& authentication) {
  if (!authentication) return "none";
  std::string out = fmt::to_string(authentication->level);
  for (const std::string& method : authentication->methods) out += " " + method;
  return out;
}

std::size_t SuiteResult::count(Status status) const {
  return static_cast<std::size_t>(std::ranges::count(results, status, &TestResult::status));
}

pdp::AccessRequest to_request(const Asked& asked, const pdp::Caller& caller, Arena& arena) {
  std::optional<pdp::Authentication> authentication;
  if (asked.authentication) {
    authentication = {.level = asked.authentication->level,
                      .methods = pdp::views_of(asked.authentication->methods, arena)};
  }
  std::optional<pdp::DescribedEntity> actor;
  if (asked.actor) actor = {.type = asked.actor->type, .id = asked.actor->id};
  return {.principal = {asked.principal.type, asked.principal.id, &asked.principal.properties},
          .action = asked.action,
          .action_properties = &asked.action_properties,
          .resource = {asked.resource.type, asked.resource.id, &asked.resource.properties},
          .context = &asked.context,
          .grant = asked.grant,
          .supported_obligations = pdp::views_of(asked.fulfils, arena),
          .caller = &caller,
          .authentication = authentication,
          .actor = actor};
}

Diagnostics check_names(const Suite& suite, const pdp::Snapshot& snapshot) {
  const Universe known = universe_of(snapshot);
  Findings findings;
  for (const Test& test : suite.tests) {
    for (const auto* words : {&test.expected.policies, &test.expected.errors}) {
      if (!*words) continue;
      for (const Word& word : **words) {
        check_word("there is no policy", word.text, word.span, known.policies, findings);
      }
    }
    if (test.expected.obligations) {
      for (const Word& word : *test.expected.obligations) {
        check_word("no policy has the obligation", word.text, word.span, known.obligations,
                   findings);
      }
    }
    // Who tests a refusal may ask for what there is not.
    if (!snapshot.schema() || test.expected.refusal) continue;
    check_word("there is no action", test.asked.action, test.action_span, known.actions, findings);
    check_word("there is no entity type", test.asked.principal.type, test.principal_span,
               known.types, findings);
    check_word("there is no entity type", test.asked.resource.type, test.resource_span, known.types,
               findings);
  }
  return std::move(findings.list());
}

pdp::Sources sources_for(const SuiteFile& file, const pdp::Sources& folder) {
  pdp::Sources out = folder;
  if (!file.suite.entities) return out;
  boost::json::array entities = file.suite.entities->json.as_array();
  if (file.suite.entities->are_added && folder.entities) {
    const auto json = codec::parse_json(folder.entities->text);
    // What is wrong with the folder's entities is not for the suite to say.
    if (!json || !json->is_array()) return out;
    entities.insert(entities.begin(), json->as_array().begin(), json->as_array().end());
  }
  out.entities = pdp::Source{file.name, codec::to_json_text(entities)};
  return out;
}

std::uint64_t building_steps(const pdp::Sources& sources) {
  std::uint64_t bytes = 0;
  for (const auto* files : {&sources.policies, &sources.schemas}) {
    for (const pdp::Source& file : *files) bytes += file.text.size();
  }
  if (sources.links) bytes += sources.links->text.size();
  if (sources.entities) bytes += sources.entities->text.size();
  return kByteSteps * bytes;
}

TestResult run_test(const Test& test, const pdp::Snapshot& snapshot, cedar::StepBudget* budget) {
  TestResult result{.test = &test};
  if (test.skip) {
    result.status = Status::kSkipped;
    return result;
  }
  result.answer = decide(test, snapshot, budget);
  Comparison comparison;
  if (const auto& answer = *result.answer) {
    comparison.compare(test.expected, *answer);
  } else {
    comparison.compare(test.expected, answer.error());
  }
  result.differences = std::move(comparison).differences();
  if (result.differences.empty()) return result;
  result.status = Status::kFailed;
  if (const auto& answer = *result.answer) result.why = why_so(test, *answer, snapshot, budget);
  return result;
}

}  // namespace wardlock::suite
