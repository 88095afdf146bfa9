// Compares our verdicts on a corpus with those that the reference implementation gave: whether the
// policies validate in both modes, whether each entity and each request fits the schema, and what
// schemas are in JSON. See README.md.

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/validator/validator.h"
#include "conformance/cedar/corpus.h"
#include "conformance/cedar/schema_agrees.h"

namespace wardlock::cedar {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::string_view kVerdicts = ".validation.json";
constexpr std::string_view kSchemas = ".cedarschema.json";

/// Counts, and says what differs.
class Tally {
 public:
  void compare(const CorpusCase& it, std::string_view what, bool expected, bool found,
               std::string_view why = "") {
    if (expected == found) {
      ++passed_;
      return;
    }
    ++failed_;
    fmt::print("FAILED {}: {}: the reference says {}, we say {}{}{}\n", it.file.string(), what,
               expected ? "valid" : "invalid", found ? "valid" : "invalid", why.empty() ? "" : ": ",
               why);
  }
  void pass() { ++passed_; }
  void fail(const Path& file, std::string_view why) {
    ++failed_;
    fmt::print("FAILED {}: {}\n", file.string(), why);
  }

  std::size_t passed() const { return passed_; }
  std::size_t failed() const { return failed_; }

 private:
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

/// The policies in both modes: all together, and one by one.
void judge_policies(const CorpusCase& it, const object& verdicts, const PolicySet& policies,
                    const Schema& schema, Tally& tally) {
  for (const auto& [name, mode] : {std::pair("strict", ValidationMode::kStrict),
                                   std::pair("permissive", ValidationMode::kPermissive)}) {
    const auto diagnostics = validate(policies, schema, {.mode = mode});
    std::map<std::string, std::string, std::less<>> errors;
    for (const PolicyDiagnostic& d : diagnostics) {
      if (d.diagnostic.severity == Severity::kError) errors[d.policy] = d.diagnostic.message;
    }
    tally.compare(it, fmt::format("the policies, {}", name), verdicts.at(name).as_bool(),
                  errors.empty(), errors.empty() ? "" : errors.begin()->second);
    for (const auto& [id, verdict] : verdicts.at("perPolicy").as_object()) {
      const auto error = errors.find(id);
      const bool is_valid = error == errors.end();
      tally.compare(it, fmt::format("`{}`, {}", std::string_view(id), name),
                    verdict.as_object().at(name).as_bool(), is_valid,
                    is_valid ? "" : error->second);
    }
  }
}

std::string key_of(const object& entity) {
  const object& uid = entity.at("uid").as_object();
  const Json* wrapped = uid.if_contains("__entity");
  const object& parts = wrapped == nullptr ? uid : wrapped->as_object();
  return fmt::format("{}::{}", view(parts.at("type").as_string()),
                     view(parts.at("id").as_string()));
}

/// Each entity by itself. The reference lists what is wrong with it: nothing, if it is valid.
void judge_entities(const CorpusCase& it, const object& verdicts, const Json& entities,
                    const Schema& schema, Tally& tally) {
  const object& expected = verdicts.at("perEntity").as_object();
  std::size_t found = 0;
  for (const Json& entity : entities.as_array()) {
    const std::string key = key_of(entity.as_object());
    const Json* verdict = expected.if_contains(key);
    if (verdict == nullptr) {
      tally.fail(it.file, fmt::format("the reference has no verdict on the entity `{}`", key));
      continue;
    }
    ++found;
    const auto read = entities_from_json(boost::json::array{entity}, &schema);
    tally.compare(it, fmt::format("the entity `{}`", key), verdict->as_object().empty(),
                  read.has_value(), read ? "" : read.error().message);
  }
  if (found != expected.size()) {
    tally.fail(it.file, fmt::format("the reference has verdicts on {} entities, of which {} exist",
                                    expected.size(), found));
  }
}

Result<void> check_request(const object& it, const Schema& schema) {
  Arena arena;
  const Request request = TRY(read_request(it, &schema, arena));
  return validate_request(schema, *request.principal, *request.action, *request.resource,
                          request.context);
}

void judge_requests(const CorpusCase& it, const boost::json::array& verdicts, const Schema& schema,
                    Tally& tally) {
  const boost::json::array& requests = it.json.at("requests").as_array();
  if (requests.size() != verdicts.size()) {
    return tally.fail(it.file, fmt::format("it has {} requests, the reference {} verdicts",
                                           requests.size(), verdicts.size()));
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto checked = check_request(requests[i].as_object(), schema);
    for (const std::string_view mode : {"strict", "permissive"}) {
      tally.compare(it, fmt::format("request {}, {}", i, mode),
                    verdicts[i].as_object().at(mode).as_bool(), checked.has_value(),
                    checked ? "" : checked.error().message);
    }
  }
}

Result<void> judge(const CorpusCase& it, const object& verdicts, Tally& tally) {
  const Path root = TRY(it.root());
  const PolicySet policies = TRY(read_policies(root / it.name("policies")));
  const Schema schema = TRY(read_schema(root / it.name("schema")));
  const Json entities = TRY(read_json(root / it.name("entities")));
  judge_policies(it, verdicts.at("policyValidation").as_object(), policies, schema, tally);
  judge_entities(it, verdicts.at("entityValidation").as_object(), entities, schema, tally);
  judge_requests(it, verdicts.at("requestValidation").as_array(), schema, tally);
  return {};
}

/// `corpus-tests-validation/x.validation.json` is about `corpus-tests/x.json`, and
/// `corpus-tests-json-schemas/x.cedarschema.json` about `corpus-tests/x.cedarschema`.
Path subject_of(const Path& file, std::string_view folder_end, std::string_view name_end,
                std::string_view ending) {
  std::string folder = file.parent_path().string();
  if (folder.ends_with(folder_end)) folder.resize(folder.size() - folder_end.size());
  std::string name = file.filename().string();
  name.resize(name.size() - name_end.size());
  return Path(folder) / name.append(ending);
}

void judge_schema(const Path& schema, const Path& expected, Tally& tally) {
  const auto text = read_file(schema);
  const auto json = read_file(expected);
  if (!text || !json)
    return tally.fail(expected, "it cannot be read, or the corpus has no such schema");
  const auto agrees = schema_agrees(*text, *json);
  if (!agrees) return tally.fail(schema, agrees.error().message);
  tally.pass();
}

int run(const char* corpus_folder, const char* oracle_folder) {
  const Path corpus = std::filesystem::canonical(corpus_folder);
  const Path oracle = std::filesystem::canonical(oracle_folder);
  Tally tally;
  std::size_t cases = 0;
  for (const Path& file : json_files(oracle)) {
    const Path place = std::filesystem::relative(file, oracle);
    if (file.filename().string().ends_with(kSchemas)) {
      const Path schema = subject_of(place, "-json-schemas", kSchemas, ".cedarschema");
      judge_schema(corpus / schema, file, tally);
      continue;
    }
    if (!file.filename().string().ends_with(kVerdicts)) continue;
    ++cases;
    const auto verdicts = read_json(file);
    const auto it =
        read_case(corpus, corpus / subject_of(place, "-validation", kVerdicts, ".json"));
    if (!it || !verdicts || !verdicts->is_object()) {
      tally.fail(file, "it cannot be read, or the corpus has no case of this name");
      continue;
    }
    const auto judged = judge(*it, verdicts->get_object(), tally);
    if (!judged) tally.fail(it->file, judged.error().message);
  }
  if (cases == 0) fmt::print("FAILED {}: no verdicts in it\n", oracle_folder);
  fmt::print("{} cases\n{} passed, {} failed\n", cases, tally.passed(), tally.failed());
  return cases == 0 || tally.failed() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace wardlock::cedar

int main(int argc, char** argv) {
  if (argc != 3 || !std::filesystem::is_directory(argv[1]) ||
      !std::filesystem::is_directory(argv[2])) {
    fmt::print(stderr, "usage: wardlock_cedar_oracle DIR ORACLE_DIR, a corpus and the verdicts\n");
    return 2;
  }
  return wardlock::cedar::run(argv[1], argv[2]);
}
