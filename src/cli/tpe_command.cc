#include <fmt/format.h>

#include <optional>

#include "base/wall_clock.h"
#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"
#include "cedar/partial/partial_entities_json.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "cli/partial_inputs.h"
#include "pdp/snapshot.h"
#include "plan/query_plan.h"

namespace wardlock::cli {
namespace {

using cedar::Residual;

struct TpeOptions {
  PolicyFiles files;
  PartialRequestInput request;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
};

std::string_view decision_of(plan::QueryPlan::Kind kind) {
  switch (kind) {
    case plan::QueryPlan::Kind::kAlwaysAllowed: return "allow";
    case plan::QueryPlan::Kind::kAlwaysDenied: return "deny";
    case plan::QueryPlan::Kind::kConditional: break;
  }
  return "unknown";
}

Exit exit_of(plan::QueryPlan::Kind kind) {
  switch (kind) {
    case plan::QueryPlan::Kind::kAlwaysAllowed: return Exit::kOk;
    case plan::QueryPlan::Kind::kAlwaysDenied: return Exit::kDeny;
    case plan::QueryPlan::Kind::kConditional: break;
  }
  return Exit::kUnknown;
}

Result<codec::Json> to_json(const Residual& residual) {
  const auto policy = to_policy(residual);
  boost::json::object out{{"policy", residual.policy->id},
                          {"effect", to_string(policy->effect)},
                          {"outcome", to_string(residual.outcome)}};
  if (residual.error) {
    out["error"] = {{"kind", to_string(residual.error->kind)},
                    {"message", residual.error->message()}};
  }
  if (residual.outcome != Residual::Outcome::kUnknown) return out;
  out["can_err"] = !residual.is_total;
  out["text"] = TRY(cedar::to_text(*policy));
  out["json"] = TRY(cedar::policy_to_json(*policy));
  return out;
}

/// Cedar text: what is decided is said in comments.
Result<std::string> to_text(const Residual& residual) {
  if (residual.outcome == Residual::Outcome::kUnknown) {
    return fmt::format("// `{}`\n{}\n", residual.policy->id,
                       TRY(cedar::to_text(*to_policy(residual))));
  }
  if (residual.error) {
    return fmt::format("// `{}`: error: {}\n", residual.policy->id, residual.error->message());
  }
  return fmt::format("// `{}`: {}\n", residual.policy->id, to_string(residual.outcome));
}

Result<cedar::PartialEntityFile> load_entities(const std::string& path,
                                               const cedar::Schema& schema) {
  const codec::Json json = path.empty() ? codec::Json(boost::json::array()) : TRY(load_json(path));
  auto file = cedar::partial_entities_from_json(json, schema);
  if (file) return file;
  return fail(ErrorCode::kFailedPrecondition, file.error().in(path).message);
}

Result<Exit> evaluate_partially(const TpeOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources(options.files, options.schema, ""));
  const auto built =
      pdp::build_snapshot(sources, {.mode = options.mode, .is_schema_required = true});
  if (!built) return report(sources, built.error(), output);
  const cedar::Schema& schema = *(*built)->schema();

  Arena arena(64 << 10);
  const std::int64_t now = wall_clock_ms();
  const cedar::PartialRequest request = TRY(load_partial_request(
      options.request, schema,
      options.mode == pdp::Mode::kStrict ? std::optional(now) : std::nullopt, arena));
  const cedar::PartialEntityFile file = TRY(load_entities(options.entities, schema));
  const cedar::PartialEntities entities{.known = file.known, .unknown_parts = file.unknown_parts};
  const plan::QueryPlan plan =
      TRY(plan::make_plan(schema, (*built)->policies_for(*request.action),
                          {.request = request, .entities = entities, .now = now}, arena));

  cedar::PartialEvaluator evaluator(schema, request, entities, arena);
  boost::json::array residuals;
  std::string text = plan.kind() == plan::QueryPlan::Kind::kAlwaysAllowed  ? "ALLOW\n"
                     : plan.kind() == plan::QueryPlan::Kind::kAlwaysDenied ? "DENY\n"
                                                                           : "UNKNOWN\n";
  for (const cedar::Policy& policy : (*built)->policies().policies()) {
    const Residual residual = evaluator.evaluate(policy);
    residuals.push_back(TRY(to_json(residual)));
    text += TRY(to_text(residual));
  }
  output.print(codec::Json{{"decision", decision_of(plan.kind())}, {"residuals", residuals}}, text);
  return exit_of(plan.kind());
}

}  // namespace

void add_tpe(Commands& commands) {
  auto [command, options] = commands.add<TpeOptions>(
      "tpe", "Evaluate policies with parts of the request unknown, and print what is left of them",
      "  wardlock tpe --policies policies/hospital --entities policies/hospital/entities.json \\\n"
      "    --principal 'User::\"nurse-lee\"' --action 'Action::\"view\"' --resource-type Patient\n"
      "An entity that the file does not have may exist all the same; of one that it has, `attrs`, "
      "`parents`\nor `tags` may be left out where they are not known.\n"
      "Exit status: 0 allow, 2 deny, 4 it depends on what is unknown, 1 failure, 3 the request or "
      "entities\ndo not fit the schema.",
      evaluate_partially);
  command.policies(options.files.policies).links(options.files.links);
  add_partial_request(command, options.request);
  command.schema(options.schema).entities(options.entities).mode(options.mode);
}

}  // namespace wardlock::cli
