#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"

namespace wardlock::cli {
namespace {

struct CheckParseOptions {
  std::string policies;
  std::string schema;
  std::string entities;
  std::string expression;
};

Result<Exit> check_parse(const CheckParseOptions& options, const Output& output) {
  if (options.policies.empty() && options.schema.empty() && options.entities.empty() &&
      options.expression.empty()) {
    return invalid(
        "there is nothing to check; give `--policies`, `--schema`, `--entities` or "
        "`--expression`");
  }
  ParseCheck check;
  check.add_sources(TRY(load_sources({options.policies, ""}, options.schema, options.entities)));
  if (!options.expression.empty()) check.add_expression(options.expression);
  if (!check.findings().empty()) return output.fail(check.findings(), check.exit());
  const std::size_t policies = check.policy_count();
  output.print(boost::json::object{{"policies", policies}, {"diagnostics", boost::json::array()}},
               options.policies.empty()
                   ? std::string("no errors")
                   : fmt::format("no errors in {} polic{}", policies, policies == 1 ? "y" : "ies"));
  return Exit::kOk;
}

}  // namespace

void add_check_parse(Commands& commands) {
  auto [command, options] = commands.add<CheckParseOptions>(
      "check-parse", "Check that files can be read, and say what is wrong with them",
      "  wardlock check-parse --policies policies/hospital\n"
      "  cat draft.cedar | wardlock check-parse --policies -\n"
      "  wardlock check-parse --schema my.cedarschema --entities entities.json",
      check_parse);
  command.policies(options.policies, false)
      .schema(options.schema)
      .entities(options.entities)
      .option("--expression", options.expression, "TEXT", "an expression, as text");
}

}  // namespace wardlock::cli
