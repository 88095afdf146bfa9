#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "cli/partial_inputs.h"
#include "pdp/access.h"
#include "pdp/approved.h"
#include "pdp/consented.h"
#include "pdp/snapshot.h"
#include "plan/plan_json.h"
#include "plan/plan_text.h"
#include "plan/query_plan.h"
#include "plan/sql_statement.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

enum class PlanForm : std::uint8_t { kPlan, kSqlite, kPostgresql };

struct PlanOptions {
  PolicyFiles files;
  PartialRequestInput request;
  std::string schema;
  std::string entities;
  std::vector<std::string> obligations;
  std::string grant;
  PlanForm form = PlanForm::kPlan;
  std::string mapping;
  pdp::Mode mode = pdp::Mode::kStrict;
};

/// Types whose entities may be elsewhere than in the directory: those with a table; without a
/// mapping, those that it has no entity of, and what is asked for.
std::set<std::string_view> open_types(const pdp::Snapshot& snapshot, const plan::Mapping* mapping,
                                      const cedar::PartialRequest& request) {
  std::set<std::string_view> types;
  if (mapping != nullptr) {
    for (const auto& [type, table] : mapping->types) types.insert(type);
    return types;
  }
  for (const cedar::EntityType& type : snapshot.schema()->entity_types()) types.insert(type.name);
  for (const cedar::Entity* entity : snapshot.entities.entities()) {
    types.erase(entity->uid()->type);
  }
  for (const cedar::PartialUid& uid : {request.principal, request.resource}) {
    if (uid.uid == nullptr) types.insert(uid.type);
  }
  return types;
}

Result<const pdp::Grant*> find_grant(const pdp::Snapshot& snapshot, const std::string& id) {
  if (id.empty()) return nullptr;
  if (const pdp::Grant* grant = pdp::find_grant(snapshot, id)) return grant;
  return invalid(fmt::format("the entities hold no grant `{}`", id));
}

struct LoadedMapping {
  std::optional<plan::Mapping> mapping;
  std::optional<Exit> failure;  ///< reported already
};

Result<LoadedMapping> load_mapping(const PlanOptions& options, const cedar::Schema& schema,
                                   const Output& output) {
  const bool is_sql = options.form != PlanForm::kPlan;
  if (is_sql != !options.mapping.empty()) {
    return invalid(is_sql ? "`--sql` needs `--mapping`: which tables hold what the schema describes"
                          : "`--mapping` goes with `--sql`; give both");
  }
  if (!is_sql) return LoadedMapping{};
  const pdp::Source source = TRY(server::read_source(options.mapping));
  auto mapping = plan::parse_mapping(source.text, schema);
  if (!mapping) {
    return LoadedMapping{{}, output.fail({Findings{source.name, source.text, mapping.error()}})};
  }
  return LoadedMapping{*std::move(mapping), {}};
}

Result<Exit> print_plan(const PlanOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources(options.files, options.schema, options.entities));
  const auto built =
      pdp::build_snapshot(sources, {.mode = options.mode, .is_schema_required = true});
  if (!built) return report(sources, built.error(), output);
  const pdp::Snapshot& snapshot = **built;
  const cedar::Schema& schema = *snapshot.schema();
  const LoadedMapping loaded = TRY(load_mapping(options, schema, output));
  if (loaded.failure) return *loaded.failure;

  Arena arena(64 << 10);
  const std::int64_t now = wall_clock_ms();
  const auto filled_at = options.mode == pdp::Mode::kStrict ? std::optional(now) : std::nullopt;
  const cedar::PartialRequest request =
      TRY(load_partial_request(options.request, schema, filled_at, arena));
  if (pdp::may_have_consents(snapshot, *request.action)) {
    return fail(
        ErrorCode::kFailedPrecondition,
        "a plan knows nothing of patients' consents, and the entities have some that speak of this "
        "action: ask for each row, or search");
  }
  if (!snapshot.approvals.empty() && pdp::declares_approval(snapshot, *request.action)) {
    return fail(ErrorCode::kFailedPrecondition,
                "a plan knows nothing of approvals, and the entities have some: ask for each row, "
                "or search");
  }
  const auto types = open_types(snapshot, loaded.mapping ? &*loaded.mapping : nullptr, request);
  const std::vector<std::string_view> open(types.begin(), types.end());
  const cedar::PartialEntities entities{snapshot.entities,
                                        cedar::PartialEntities::Others::kOfOpenTypes, open};
  const plan::PlanQuestion question{
      .request = request,
      .entities = entities,
      .now = now,
      .supported_obligations = pdp::views_of(options.obligations, arena),
      .grant = TRY(find_grant(snapshot, options.grant)),
      .is_override_declared = pdp::declares_override(snapshot, *request.action)};
  const plan::QueryPlan plan =
      TRY(plan::make_plan(schema, snapshot.policies_for(*request.action), question, arena));

  const cedar::PartialEvaluator evaluator(schema, request, entities, arena);
  codec::Json json = TRY(plan::to_json(plan, evaluator, arena));
  if (!loaded.mapping) {
    output.print(json, TRY(plan::to_text(plan, arena)));
    return Exit::kOk;
  }
  const auto dialect =
      options.form == PlanForm::kSqlite ? plan::SqlDialect::kSqlite : plan::SqlDialect::kPostgresql;
  const plan::SqlStatement statement = TRY(
      plan::to_sql(plan, schema, question, {*loaded.mapping, dialect, snapshot.entities}, arena));
  json.get_object()["sql"] = plan::to_json(statement, dialect);
  output.print(json, plan::to_text(statement, dialect));
  return Exit::kOk;
}

}  // namespace

void add_plan(Commands& commands) {
  auto [command, options] = commands.add<PlanOptions>(
      "plan",
      "Say for which resources, or principals, the answer is yes: as a condition, or in SQL",
      "  wardlock plan --policies policies/hospital --entities policies/hospital/entities.json \\\n"
      "    --principal 'User::\"nurse-lee\"' --action 'Action::\"view\"' --resource-type Patient "
      "\\\n"
      "    --context '{}'\n"
      "  wardlock plan … --sql postgresql --mapping tables.yaml\n"
      "The entities are the directory. What the rows of the tables hold decides as if each had "
      "been "
      "asked\nabout alone. Exit status: 0, 1 failure, 3 the request or entities do not fit the "
      "schema.",
      print_plan);
  command.policies(options.files.policies).links(options.files.links);
  add_partial_request(command, options.request);
  command.schema(options.schema)
      .entities(options.entities)
      .options_of_many("--supports", options.obligations, "OBLIGATION",
                       "an obligation that the caller fulfils; may be given several times")
      .option("--grant", options.grant, "ID", "a break-glass grant among the entities")
      .choice<PlanForm>("--sql", options.form,
                        {{"sqlite", PlanForm::kSqlite}, {"postgresql", PlanForm::kPostgresql}},
                        "print a parameterized SELECT for this database")
      .option("--mapping", options.mapping, "FILE",
              "YAML or JSON: the tables and columns that hold what the schema describes")
      .mode(options.mode);
}

}  // namespace wardlock::cli
