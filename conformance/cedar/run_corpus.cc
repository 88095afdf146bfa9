// Validates the policies and decides every request of an unpacked corpus of the reference
// implementation, and compares verdict, decision, determining policies and erroring policies. Each
// request is decided by the Evaluator and by compiled policies, which must agree. See README.md.

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/conformance.h"
#include "cedar/validator/validator.h"
#include "conformance/cedar/corpus.h"

namespace wardlock::cedar {
namespace {

using boost::json::object;
using codec::Json;
using Ids = std::set<std::string, std::less<>>;

struct Answer {
  bool allows = false;
  Ids reasons;
  Ids errors;
  Ids messages = {};  ///< of the errors; the corpus has none

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::string describe(const Answer& answer) {
  std::string text = fmt::format("{} reasons [{}] errors [{}]", answer.allows ? "allow" : "deny",
                                 fmt::join(answer.reasons, " "), fmt::join(answer.errors, " "));
  for (const std::string& message : answer.messages) text += "; " + message;
  return text;
}

Answer answer_of(const Response& response) {
  Answer answer{.allows = response.decision == Decision::kAllow, .reasons = {}, .errors = {}};
  for (const Policy* policy : response.reasons) answer.reasons.insert(policy->id);
  for (const PolicyError& error : response.errors) {
    answer.errors.insert(error.policy->id);
    answer.messages.insert(error.error.message());
  }
  return answer;
}

Ids read_ids(const Json& json) {
  Ids ids;
  for (const Json& id : json.as_array()) ids.emplace(view(id.as_string()));
  return ids;
}

Answer expected_of(const object& request) {
  return {.allows = request.at("decision").as_string() == "allow",
          .reasons = read_ids(request.at("reason")),
          .errors = read_ids(request.at("errors"))};
}

struct Files {
  PolicySet policies;
  Schema schema;
  EntityStore entities;
};

class Runner {
 public:
  void run(const CorpusCase& it) {
    const boost::json::array& requests = it.json.at("requests").as_array();
    const auto files = read_files(it);
    if (!files) {
      failed_ += requests.size();
      fmt::print("FAILED {}: all {} requests: {}\n", it.file.string(), requests.size(),
                 files.error().message);
      return;
    }
    judge_policies(it, *files);
    const auto policies =
        CompiledPolicies::compile(files->policies.policies(), {.entities = &files->entities});
    for (std::size_t i = 0; i < requests.size(); ++i) {
      judge(it.file, i, requests[i].as_object(), *files, policies);
    }
  }

  std::size_t passed() const { return passed_; }
  std::size_t failed() const { return failed_; }

 private:
  static Result<Files> read_files(const CorpusCase& it) {
    const Path root = TRY(it.root());
    PolicySet policies = TRY(read_policies(root / it.name("policies")));
    Schema schema = TRY(read_schema(root / it.name("schema")));
    EntityStore entities = TRY(read_entities(root / it.name("entities"), &schema));
    return Files{std::move(policies), std::move(schema), std::move(entities)};
  }

  /// `shouldValidate` speaks of strict mode.
  void judge_policies(const CorpusCase& it, const Files& files) {
    const Json* expected = it.json.if_contains("shouldValidate");
    if (expected == nullptr) return;
    const auto diagnostics = validate(files.policies, files.schema);
    if (expected->as_bool() != has_errors(diagnostics)) {
      ++passed_;
      return;
    }
    ++failed_;
    fmt::print("FAILED {}: the policies should{} validate\n", it.file.string(),
               expected->as_bool() ? "" : " not");
    for (const PolicyDiagnostic& d : diagnostics) {
      fmt::print("  {}: {}\n", to_string(d.code), d.diagnostic.message);
    }
  }

  /// By both engines, which must agree.
  static Result<Answer> decide(const object& it, const Files& files,
                               const CompiledPolicies& policies) {
    Arena arena;
    const Request request = TRY(read_request(it, &files.schema, arena));
    const Json* validates = it.if_contains("validateRequest");
    if (validates == nullptr || validates->as_bool()) {
      TRY_VOID(validate_request(files.schema, *request.principal, *request.action,
                                *request.resource, request.context));
    }
    Answer answer = answer_of(authorize(files.policies.policies(), request, files.entities, arena));
    StepBudget budget;
    const Answer compiled = answer_of(authorize(policies, request, files.entities, arena, budget));
    if (answer == compiled && !budget.is_used_up()) return answer;
    return fail(ErrorCode::kInternal,
                fmt::format("interpreted {}, compiled {}", describe(answer), describe(compiled)));
  }

  void judge(const Path& file, std::size_t index, const object& it, const Files& files,
             const CompiledPolicies& policies) {
    const Answer expected = expected_of(it);
    auto found = decide(it, files, policies);
    if (found) found->messages.clear();
    if (found && *found == expected) {
      ++passed_;
      return;
    }
    ++failed_;
    fmt::print("FAILED {}: request {} ({})\n  expected {}\n  found    {}\n", file.string(), index,
               view(it.at("description").as_string()), describe(expected),
               found ? describe(*found) : "refused: " + found.error().message);
  }

  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

int run(const char* folder) {
  const Path top = std::filesystem::canonical(folder);
  Runner runner;
  std::size_t cases = 0;
  for (const Path& file : json_files(top)) {
    if (const auto it = read_case(top, file)) {
      ++cases;
      runner.run(*it);
    }
  }
  if (cases == 0) fmt::print("FAILED {}: no case in it\n", folder);
  fmt::print("{} cases\n{} passed, {} failed\n", cases, runner.passed(), runner.failed());
  return cases == 0 || runner.failed() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace wardlock::cedar

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    fmt::print(stderr, "usage: wardlock_cedar_corpus DIR, an unpacked corpus\n");
    return 2;
  }
  return wardlock::cedar::run(argv[1]);
}
