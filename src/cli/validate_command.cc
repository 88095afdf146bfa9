#include <fmt/format.h>

#include "cedar/validator/validator.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "pdp/validation.h"

namespace wardlock::cli {
namespace {

constexpr std::size_t kMaxFindings = 1'000;
constexpr unsigned kMaxLevel = 100;
constexpr unsigned kAnyLevel = kMaxLevel + 1;

struct ValidateOptions {
  PolicyFiles files;
  std::string schema;
  cedar::ValidationMode mode = cedar::ValidationMode::kStrict;
  unsigned level = kAnyLevel;
  bool denies_warnings = false;
};

codec::Json to_json(const cedar::PolicyDiagnostic& finding, const pdp::Source* source) {
  const Diagnostic& diagnostic = finding.diagnostic;
  boost::json::object out{
      {"policy", finding.policy},
      {"severity", diagnostic.severity == Severity::kError ? "error" : "warning"},
      {"code", to_string(finding.code)},
      {"message", diagnostic.message}};
  if (!diagnostic.help.empty()) out["help"] = diagnostic.help;
  if (source != nullptr) {
    const Position place = position_at(source->text, diagnostic.span.begin);
    out["file"] = source->name;
    out["line"] = place.line;
    out["column"] = place.column;
  }
  if (!finding.environments.empty()) {
    boost::json::array environments;
    for (const cedar::RequestEnvironment& environment : finding.environments) {
      environments.push_back({{"principal", environment.principal},
                              {"action", to_text(*environment.action->uid)},
                              {"resource", environment.resource}});
    }
    out["environments"] = std::move(environments);
    out["environment_count"] = finding.environment_count;
  }
  return out;
}

struct Count {
  std::size_t errors = 0;
  std::size_t warnings = 0;
};

std::string to_text(const Count& count, std::size_t policies) {
  const auto plural = [](std::size_t n, std::string_view one) {
    return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
  };
  const std::string of = fmt::format("{} polic{}", policies, policies == 1 ? "y" : "ies");
  if (count.errors == 0 && count.warnings == 0) return fmt::format("no findings in {}", of);
  return fmt::format("{} and {} in {}", plural(count.errors, "error"),
                     plural(count.warnings, "warning"), of);
}

Result<Exit> validate(const ValidateOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources(options.files, options.schema, ""));
  if (sources.schemas.empty()) {
    return invalid("there is no schema to validate against; give `--schema`");
  }
  const auto policies = pdp::parse_policies(sources);
  if (!policies) return report(sources, policies.error(), output);
  const auto schema = pdp::parse_schema(sources.schemas);
  if (!schema) return report(sources, schema.error(), output);
  cedar::ValidationOptions validation{.mode = options.mode, .max_diagnostics = kMaxFindings};
  if (options.level <= kMaxLevel) validation.level = options.level;

  const auto findings = cedar::validate(*policies, *schema, validation);
  Count count;
  boost::json::array all;
  for (const cedar::PolicyDiagnostic& finding : findings) {
    const bool is_error = finding.diagnostic.severity == Severity::kError;
    ++(is_error ? count.errors : count.warnings);
    const pdp::Source* source = pdp::source_of(finding, *policies, sources);
    if (output.is_json()) {
      all.push_back(to_json(finding, source));
    } else {
      output.show(cedar::describe(finding), source == nullptr ? "" : source->text,
                  source == nullptr ? "" : source->name);
    }
  }
  const bool is_valid = count.errors == 0 && (count.warnings == 0 || !options.denies_warnings);
  const std::size_t checked = policies->policies().size() + policies->templates().size();
  if (!is_valid && !output.is_json()) {
    return fail(ErrorCode::kFailedPrecondition, to_text(count, checked));
  }
  output.print(boost::json::object{{"valid", is_valid},
                                   {"policies", checked},
                                   {"errors", count.errors},
                                   {"warnings", count.warnings},
                                   {"diagnostics", std::move(all)}},
               to_text(count, checked));
  return is_valid ? Exit::kOk : Exit::kInvalid;
}

}  // namespace

void add_validate(Commands& commands) {
  auto [command, options] = commands.add<ValidateOptions>(
      "validate", "Check policies against a schema: names, types, levels, suspicious text",
      "  wardlock validate --policies policies/hospital\n"
      "  wardlock validate -p draft.cedar -s my.cedarschema --deny-warnings\n"
      "  wardlock validate -p draft.cedar -s my.cedarschema --level 1 --json\n"
      "Exit status: 0 valid, 3 not valid, 1 failure. Warnings count only with --deny-warnings.",
      validate);
  command.policies(options.files.policies)
      .links(options.files.links)
      .schema(options.schema)
      .choice("--validation-mode", options.mode,
              std::vector<Choice<cedar::ValidationMode>>{
                  {"strict", cedar::ValidationMode::kStrict},
                  {"permissive", cedar::ValidationMode::kPermissive}},
              "what is refused: all that the analysis cannot prove, or only what could err")
      .number("--level", options.level, 0, kMaxLevel,
              "how many entities an access may go through from the request")
      .flag("--deny-warnings", options.denies_warnings, "warnings make the policies invalid too");
}

}  // namespace wardlock::cli
