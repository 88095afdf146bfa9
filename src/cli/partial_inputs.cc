#include "cli/partial_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/suggestion.h"
#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "cli/inputs.h"

namespace wardlock::cli {
namespace {

std::unexpected<Error> does_not_fit(std::string message) {
  return fail(ErrorCode::kFailedPrecondition, std::move(message));
}

/// The options that say who or what: a whole uid, or a type and perhaps an id.
struct Named {
  const char* role;
  const std::string& uid;
  const std::string& type;
  const std::string& eid;
};

Result<cedar::PartialUid> read_uid(const Named& named, Arena& arena) {
  if (!named.uid.empty()) {
    if (!named.type.empty() || !named.eid.empty()) {
      return invalid(fmt::format("`--{0}` is the whole uid; leave out `--{0}-type` and `--{0}-eid`",
                                 named.role));
    }
    const auto uid = cedar::parse_entity_uid(named.uid, arena);
    if (!uid) return std::unexpected(uid.error().in(fmt::format("--{}", named.role)));
    return cedar::PartialUid{(*uid)->type, *uid};
  }
  if (named.type.empty()) {
    return invalid(
        fmt::format("give `--{0}`, or `--{0}-type` alone where the id is not known", named.role));
  }
  const std::string_view type = arena.copy(std::string_view(named.type));
  if (named.eid.empty()) return cedar::PartialUid{type};
  return cedar::PartialUid{type, cedar::make_uid(arena, type, named.eid)};
}

Result<void> check_uid(const char* role, const cedar::PartialUid& uid,
                       std::span<const std::string_view> types, const cedar::EntityUid& action,
                       const cedar::Schema& schema) {
  if (std::ranges::find(types, uid.type) == types.end()) {
    const std::vector<std::string> words(types.begin(), types.end());
    return does_not_fit(fmt::format("the {} of `{}` cannot be of type `{}`{}", role,
                                    to_text(action), uid.type, suggestion(uid.type, words)));
  }
  const cedar::EntityType* type = schema.find_entity_type(uid.type);
  if (uid.uid != nullptr && type != nullptr && !type->may_have_id(uid.uid->id)) {
    return does_not_fit(fmt::format("the {} `{}` is not declared", role, to_text(*uid.uid)));
  }
  return {};
}

Result<const cedar::ActionType*> find_action(const std::string& text, const cedar::Schema& schema,
                                             Arena& arena) {
  if (text.empty()) return invalid("give `--action`, e.g. 'Action::\"view\"'");
  const auto uid = cedar::parse_entity_uid(text, arena);
  if (!uid) return std::unexpected(uid.error().in("--action"));
  if (const cedar::ActionType* action = schema.find_action(**uid)) return action;
  std::vector<std::string> words;
  for (const cedar::ActionType& action : schema.actions()) words.push_back(to_text(*action.uid));
  return does_not_fit(fmt::format("the schema declares no action `{}`{}", to_text(**uid),
                                  suggestion(to_text(**uid), words)));
}

Result<cedar::Value> read_context(const std::string& text, const cedar::ActionType& action,
                                  const cedar::Schema& schema, std::optional<std::int64_t> now,
                                  Arena& arena) {
  codec::Json json = TRY(load_context(text));
  if (now && json.is_object()) fill_context(json.get_object(), &action, *now, arena);
  const auto context = cedar::context_from_json(arena, json, &schema, action.uid);
  if (!context) return does_not_fit(context.error().message);
  const auto valid = cedar::check_value(*context, *action.context, schema, "context");
  if (!valid) return does_not_fit(valid.error().message);
  return *context;
}

}  // namespace

void add_partial_request(CommandBuilder& command, PartialRequestInput& input) {
  command.option("-l,--principal", input.principal, "UID", "who, e.g. 'User::\"alice\"'")
      .option("--principal-type", input.principal_type, "TYPE",
              "in its place, where the id is not known: the type")
      .option("--principal-eid", input.principal_eid, "ID", "the id that goes with the type")
      .option("-a,--action", input.action, "UID", "does what, e.g. 'Action::\"view\"'", true)
      .option("-r,--resource", input.resource, "UID", "to what, e.g. 'Photo::\"beach.jpg\"'")
      .option("--resource-type", input.resource_type, "TYPE",
              "in its place, where the id is not known: the type")
      .option("--resource-eid", input.resource_eid, "ID", "the id that goes with the type")
      .option("-c,--context", input.context, "FILE|JSON",
              "the context, or a JSON file that holds it; without it, it is not known");
}

Result<cedar::PartialRequest> load_partial_request(const PartialRequestInput& input,
                                                   const cedar::Schema& schema,
                                                   std::optional<std::int64_t> now, Arena& arena) {
  const cedar::ActionType* action = TRY(find_action(input.action, schema, arena));
  cedar::PartialRequest request{
      .principal = {}, .action = action->uid, .resource = {}, .context = {}};
  request.principal = TRY(
      read_uid({"principal", input.principal, input.principal_type, input.principal_eid}, arena));
  request.resource =
      TRY(read_uid({"resource", input.resource, input.resource_type, input.resource_eid}, arena));
  TRY_VOID(check_uid("principal", request.principal, action->principals, *action->uid, schema));
  TRY_VOID(check_uid("resource", request.resource, action->resources, *action->uid, schema));
  if (!input.context.empty()) {
    request.context = TRY(read_context(input.context, *action, schema, now, arena));
  }
  return request;
}

}  // namespace wardlock::cli
