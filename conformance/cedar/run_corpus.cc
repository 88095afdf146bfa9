// Decides every request of an unpacked corpus of the reference implementation and compares
// decision, determining policies and erroring policies. See README.md.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/conformance.h"
#include "conformance/case_files.h"

namespace wardlock::cedar {
namespace {

using boost::json::object;
using codec::Json;
using Ids = std::set<std::string, std::less<>>;

struct Answer {
  bool allows = false;
  Ids reasons;
  Ids errors;

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::string describe(const Answer& answer) {
  return fmt::format("{} reasons [{}] errors [{}]", answer.allows ? "allow" : "deny",
                     fmt::join(answer.reasons, " "), fmt::join(answer.errors, " "));
}

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

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
  explicit Runner(Path top) : top_(std::move(top)) {}

  void run(const Path& file, const object& it) {
    const boost::json::array& requests = it.at("requests").as_array();
    const auto files = read_files(file, it);
    if (!files) {
      failed_ += requests.size();
      fmt::print("FAILED {}: all {} requests: {}\n", file.string(), requests.size(),
                 files.error().message);
      return;
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      judge(file, i, requests[i].as_object(), *files);
    }
  }

  std::size_t passed() const { return passed_; }
  std::size_t failed() const { return failed_; }

 private:
  /// The folder that the paths in `file` start from: the nearest one above it where they lead
  /// somewhere.
  Result<Path> root_of(const Path& file, const object& it) const {
    const std::string_view policies = view(it.at("policies").as_string());
    for (Path folder = file.parent_path();; folder = folder.parent_path()) {
      if (std::filesystem::exists(folder / policies)) return folder;
      if (folder == top_ || !folder.has_relative_path()) {
        return fail(ErrorCode::kNotFound,
                    fmt::format("no folder above it has `{}`; unpack the whole corpus", policies));
      }
    }
  }

  Result<Files> read_files(const Path& file, const object& it) const {
    const Path root = TRY(root_of(file, it));
    const auto path = [&](std::string_view name) { return root / view(it.at(name).as_string()); };
    PolicySet policies = TRY(read_policies(path("policies")));
    Schema schema = TRY(read_schema(path("schema")));
    EntityStore entities = TRY(read_entities(path("entities"), &schema));
    return Files{std::move(policies), std::move(schema), std::move(entities)};
  }

  static Result<Answer> decide(const object& it, const Files& files) {
    Arena arena;
    const Request request = TRY(read_request(it, &files.schema, arena));
    const Json* validates = it.if_contains("validateRequest");
    if (validates == nullptr || validates->as_bool()) {
      TRY_VOID(validate_request(files.schema, *request.principal, *request.action,
                                *request.resource, request.context));
    }
    const Response response = authorize(files.policies.policies(), request, files.entities, arena);
    Answer answer{.allows = response.decision == Decision::kAllow, .reasons = {}, .errors = {}};
    for (const Policy* policy : response.reasons) answer.reasons.insert(policy->id);
    for (const PolicyError& error : response.errors) answer.errors.insert(error.policy->id);
    return answer;
  }

  void judge(const Path& file, std::size_t index, const object& it, const Files& files) {
    const Answer expected = expected_of(it);
    const auto found = decide(it, files);
    if (found && *found == expected) {
      ++passed_;
      return;
    }
    ++failed_;
    fmt::print("FAILED {}: request {} ({})\n  expected {}\n  found    {}\n", file.string(), index,
               view(it.at("description").as_string()), describe(expected),
               found ? describe(*found) : "refused: " + found.error().message);
  }

  Path top_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

/// The case in the file, or nothing where the file is something else.
std::optional<object> read_case(const Path& file) {
  const auto json = read_json(file);
  if (!json || !json->is_object()) return std::nullopt;
  const object& it = json->get_object();
  if (!it.contains("policies") || !it.contains("requests")) return std::nullopt;
  return it;
}

std::vector<Path> json_files(const Path& top) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int run(const char* folder) {
  const Path top = std::filesystem::canonical(folder);
  Runner runner(top);
  std::size_t cases = 0;
  for (const Path& file : json_files(top)) {
    if (const auto it = read_case(file)) {
      ++cases;
      runner.run(file, *it);
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
