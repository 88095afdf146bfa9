// Times the validation of a set of policies; bench/validate.mjs makes it and times the reference.
//
// usage: wardlock_validate_bench FILE, a JSON document {"schema": TEXT, "policies": TEXT}

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <limits>
#include <set>

#include "cedar/parser/parser.h"
#include "cedar/validator/validator.h"
#include "conformance/case_files.h"

namespace wardlock::cedar {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSamples = 5;

struct Sample {
  double parse = std::numeric_limits<double>::infinity();  // milliseconds
  double validate = std::numeric_limits<double>::infinity();
  std::set<std::string> invalid;
};

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Both texts are read anew each time, as the reference does.
bool take(std::string_view schema_text, std::string_view policy_text, Sample& best) {
  const auto begin = Clock::now();
  const auto schema = parse_schema(schema_text);
  const auto policies = parse_policies(policy_text);
  if (!schema || !policies) return false;
  const double parsed = milliseconds_since(begin);
  const auto findings = validate(*policies, *schema);
  const double all = milliseconds_since(begin);
  if (all >= best.parse + best.validate) return true;
  best = {parsed, all - parsed, {}};
  for (const PolicyDiagnostic& finding : findings) {
    if (finding.diagnostic.severity == Severity::kError) best.invalid.insert(finding.policy);
  }
  return true;
}

int run(const char* path) {
  const auto json = read_json(path);
  if (!json) {
    fmt::print(stderr, "{}\n", json.error().message);
    return 1;
  }
  const boost::json::object& it = json->as_object();
  Sample best;
  for (int i = 0; i < kSamples; ++i) {
    if (take(it.at("schema").as_string(), it.at("policies").as_string(), best)) continue;
    fmt::print(stderr, "the schema or the policies cannot be read\n");
    return 1;
  }
  const codec::Json answer = {
      {"parse_ms", best.parse},
      {"validate_ms", best.validate},
      {"invalid", boost::json::array(best.invalid.begin(), best.invalid.end())}};
  fmt::print("{}\n", codec::to_json_text(answer));
  return 0;
}

}  // namespace
}  // namespace wardlock::cedar

int main(int argc, char** argv) { return argc == 2 ? wardlock::cedar::run(argv[1]) : 2; }
