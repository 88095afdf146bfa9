#include <fmt/format.h>

#include <optional>

#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"

namespace wardlock::cli {
namespace {

struct EvaluateOptions {
  std::string expression;
  RequestInput request;
  std::string schema;
  std::string entities;
};

constexpr std::string_view kExpressionFile = "expression";

/// Where the user named no principal, action or resource, the variable stands for an entity that
/// nothing is known about.
RequestInput with_placeholders(RequestInput request) {
  if (!request.request_json.empty()) return request;
  const auto fill = [](std::string& uid, const char* placeholder) {
    if (uid.empty()) uid = placeholder;
  };
  fill(request.principal, "Unspecified::\"principal\"");
  fill(request.action, "Action::\"unspecified\"");
  fill(request.resource, "Unspecified::\"resource\"");
  return request;
}

std::string hint(const cedar::EvalError& error) {
  std::string text = fmt::format("error kind: {}", to_string(error.kind));
  if (error.message().contains("`Unspecified::")) text += "; who and what is meant? see --help";
  return text;
}

Result<Exit> evaluate(const EvaluateOptions& options, const Output& output) {
  Arena arena(16 << 10);
  const auto parsed = cedar::parse_expression(options.expression, arena);
  if (!parsed) {
    return output.fail(
        {Findings{std::string(kExpressionFile), options.expression, parsed.error()}});
  }
  const pdp::Sources sources = TRY(load_sources({}, options.schema, options.entities));
  std::optional<cedar::Schema> schema;
  if (!sources.schemas.empty()) {
    auto parsed_schema = pdp::parse_schema(sources.schemas);
    if (!parsed_schema) return report(sources, parsed_schema.error(), output);
    schema.emplace(*std::move(parsed_schema));
  }
  const cedar::Schema* schema_pointer = schema ? &*schema : nullptr;
  const cedar::EntityStore store = TRY(pdp::parse_entities(sources.entities, schema_pointer));
  const bool is_typed = !options.request.action.empty() || !options.request.request_json.empty();
  const RequestSetting setting{.schema = is_typed ? schema_pointer : nullptr, .now = std::nullopt};
  const cedar::Request request =
      TRY(load_request(with_placeholders(options.request), setting, arena));
  cedar::Evaluator evaluator(request, cedar::EntityView(store), arena);
  const auto value = evaluator.evaluate(**parsed);
  if (!value) {
    const cedar::EvalError& error = value.error();
    return output.fail({Findings{std::string(kExpressionFile),
                                 options.expression,
                                 {{Severity::kError, error.message(), error.span, hint(error)}}}});
  }
  const std::string text = cedar::to_text(*value);
  output.print(boost::json::object{{"value", TRY(cedar::value_to_json(*value))}, {"text", text}},
               text);
  return Exit::kOk;
}

}  // namespace

void add_evaluate(Commands& commands) {
  auto [command, options] = commands.add<EvaluateOptions>(
      "evaluate", "Evaluate one expression",
      "  wardlock evaluate '1 + 2 * 3'\n"
      "  wardlock evaluate 'principal in Role::\"Nurse\"' --principal 'User::\"kim\"' \\\n"
      "    --entities entities.json",
      evaluate);
  command.option("expression", options.expression, "TEXT", "the expression", true)
      .request(options.request)
      .schema(options.schema)
      .entities(options.entities);
}

}  // namespace wardlock::cli
