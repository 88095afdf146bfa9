#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/explanation_text.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "explain/explain.h"
#include "explain/explanation_json.h"
#include "pdp/access.h"
#include "pdp/approved.h"
#include "pdp/rule.h"

namespace wardlock::cli {
namespace {

struct AuthorizeOptions {
  PolicyFiles files;
  RequestInput request;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
  bool is_verbose = false;
  bool is_explained = false;
};

codec::Json to_json(const pdp::Verdict& verdict) {
  boost::json::array policies, errors;
  for (const cedar::Policy* policy : verdict.policies) policies.emplace_back(policy->id);
  for (const cedar::PolicyError& error : verdict.errors) {
    errors.push_back({{"policy", error.policy->id},
                      {"kind", to_string(error.error.kind)},
                      {"message", error.error.message()}});
  }
  boost::json::object out{{"decision", verdict.is_allowed ? "allow" : "deny"},
                          {"cause", to_string(verdict.cause)},
                          {"policies", std::move(policies)},
                          {"errors", std::move(errors)}};
  if (verdict.is_override_possible) out["override_possible"] = true;
  return out;
}

std::string to_text(const pdp::Verdict& verdict, bool is_verbose) {
  std::string out = verdict.is_allowed ? "ALLOW\n" : "DENY\n";
  if (is_verbose) {
    out += fmt::format("cause: {}\n", to_string(verdict.cause));
    for (const cedar::Policy* policy : verdict.policies) {
      const auto reason = policy->body->annotation("reason");
      out += reason ? fmt::format("determined by `{}`: {}\n", policy->id, *reason)
                    : fmt::format("determined by `{}`\n", policy->id);
    }
  }
  for (const cedar::PolicyError& error : verdict.errors) {
    out += fmt::format("error in `{}`: {}\n", error.policy->id, error.error.message());
  }
  if (verdict.is_override_possible) out += "breaking the glass would be possible\n";
  return out;
}

/// How the request's context says that the person signed in.
pdp::Authentication authentication_of(const cedar::Request& request, Arena& arena) {
  pdp::Authentication found;
  const cedar::Value* value = find_field(request.context.as_record(), "authentication");
  if (value == nullptr || !value->is(cedar::Kind::kRecord)) return found;
  const cedar::Value* level = find_field(value->as_record(), "level");
  if (level != nullptr && level->is(cedar::Kind::kLong)) found.level = level->as_long();
  const cedar::Value* methods = find_field(value->as_record(), "methods");
  if (methods == nullptr || !methods->is(cedar::Kind::kSet)) return found;
  std::pmr::vector<std::string_view> texts(arena.resource());
  for (const cedar::Value& method : methods->as_set()) {
    if (method.is(cedar::Kind::kString)) texts.push_back(method.as_string());
  }
  found.methods = arena.copy(texts);
  return found;
}

/// With the places of policies, which are for the user's own machine.
codec::Json to_json(const explain::Explanation& explanation, const pdp::Sources& sources) {
  std::string text;
  codec::JsonWriter writer(text);
  explain::write_json(explanation, writer);
  codec::Json json = codec::parse_json(text).value();
  auto& policies = json.get_object()["policies"].get_array();
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const std::string place = place_of(explanation.policies[i], sources);
    if (!place.empty()) policies[i].get_object()["place"] = place;
  }
  return json;
}

void print_explained(const pdp::Sources& sources, const pdp::Snapshot& snapshot,
                     const pdp::Question& question, codec::Json decision, Arena& arena,
                     const Output& output) {
  const auto viewer = explain::Viewer::of_everything(snapshot, question.request);
  const explain::Explanation explanation = explain::explain(
      snapshot,
      {.question = question, .authentication = authentication_of(question.request, arena)}, viewer,
      arena);
  if (output.is_json()) {
    decision.get_object()["explanation"] = to_json(explanation, sources);
    output.print(decision, "");
  } else {
    output.print(decision, explanation_text(explanation, sources));
  }
}

/// With the approval that the entities have of it, at the moment that its context says, or else
/// now. What its context says of approvals itself stays.
cedar::Request with_approval(const pdp::Snapshot& snapshot, cedar::Request request,
                             std::int64_t now, Arena& arena) {
  const auto context = request.context.as_record();
  if (find_field(context, "approval") != nullptr) return request;
  const cedar::Value* const said = find_field(context, "now");
  const bool is_said = said != nullptr && said->is(cedar::Kind::kDatetime);
  const auto* approval = pdp::find_approval(snapshot, request, is_said ? said->as_scaled() : now);
  if (approval != nullptr) {
    request.context = pdp::with_approval(request.context, *approval, arena);
  }
  return request;
}

Result<Exit> authorize(const AuthorizeOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources(options.files, options.schema, options.entities));
  const auto built = pdp::build_snapshot(sources, options.mode);
  if (!built) return report(sources, built.error(), output);
  const auto& snapshot = *built;
  if (!output.is_json()) {
    for (const std::string& warning : snapshot->warnings()) output.note(warning);
  }
  Arena arena(16 << 10);
  const cedar::Schema* schema = snapshot->schema();
  const std::int64_t now = wall_clock_ms();
  const RequestSetting setting{
      .schema = schema,
      .now = options.mode == pdp::Mode::kStrict ? std::optional(now) : std::nullopt};
  const cedar::Request loaded = TRY(load_request(options.request, setting, arena));
  const cedar::Request request = with_approval(*snapshot, loaded, now, arena);
  const cedar::EntityView entities(snapshot->entities);
  const pdp::Question question{
      .request = request,
      .entities = entities,
      .now = now,
      .supported_obligations = {},
      .grant = nullptr,
      .is_override_declared = pdp::declares_override(*snapshot, *request.action)};
  const pdp::Verdict verdict = pdp::decide(snapshot->partition(), question, arena);
  if (options.is_explained) {
    print_explained(sources, *snapshot, question, to_json(verdict), arena, output);
  } else {
    output.print(to_json(verdict), to_text(verdict, options.is_verbose));
  }
  return verdict.is_allowed ? Exit::kOk : Exit::kDeny;
}

}  // namespace

void add_authorize(Commands& commands) {
  auto [command, options] = commands.add<AuthorizeOptions>(
      "authorize", "Decide one request and say which policies determined it",
      "  wardlock authorize --policies policies/hospital --entities "
      "policies/hospital/entities.json \\\n"
      "    --principal 'User::\"nurse-lee\"' --action 'Action::\"changeDose\"' \\\n"
      "    --resource 'InfusionPump::\"pump-7\"' \\\n"
      "    --context '{\"rate\": 80, \"authentication\": {\"level\": 1, \"methods\": [\"pwd\"]}}'\n"
      "In strict mode the context's `now`, `authentication` and `pep` are filled as `wardlock pdp` "
      "does.\n"
      "Exit status: 0 allow, 2 deny, 1 failure, 3 the request or entities do not fit the schema.",
      authorize);
  command.policies(options.files.policies)
      .links(options.files.links)
      .request(options.request)
      .schema(options.schema)
      .entities(options.entities)
      .mode(options.mode)
      .flag("-v,--verbose", options.is_verbose, "also print the determining policies")
      .flag("--explain", options.is_explained,
            "say why: what decided, the nearest permits and what they still need");
}

}  // namespace wardlock::cli
