#include "search/search.h"

#include <fmt/format.h>

#include <limits>

#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"

namespace wardlock::cli {
namespace {

using search::Sought;

template <Sought kSought>
struct SearchOptions {
  PolicyFiles files;
  std::string schema;
  std::string entities;
  std::string principal;
  std::string action;
  std::string resource;
  std::string type;
  std::string context;
  pdp::Mode mode = pdp::Mode::kStrict;
};

Result<pdp::DescribedEntity> described(const std::string& uid, const char* option, Arena& arena) {
  const cedar::EntityUid* read = TRY(read_uid_option(uid, option, arena));
  return pdp::DescribedEntity{.type = read->type, .id = read->id};
}

/// As uids, or as the names of actions.
void print(Sought sought, std::string_view type, const search::Found& found, const Output& output) {
  boost::json::array results;
  std::string text;
  for (const std::string& id : found.ids) {
    if (sought == Sought::kAction) {
      results.push_back(boost::json::object{{"name", id}});
      text += id + "\n";
    } else {
      results.push_back(boost::json::object{{"type", type}, {"id", id}});
      text += fmt::format("{}::{}\n", type, cedar::quote(id));
    }
  }
  if (text.empty() && !output.is_json()) return;  // no lines for no results
  output.print(boost::json::object{{"results", std::move(results)}, {"decisions", found.decisions}},
               text);
}

template <Sought kSought>
Result<Exit> run_search(const SearchOptions<kSought>& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources(options.files, options.schema, options.entities));
  const auto built = pdp::build_snapshot(sources, options.mode);
  if (!built) return report(sources, built.error(), output);
  if (!output.is_json()) {
    for (const std::string& warning : (*built)->warnings()) output.note(warning);
  }
  Arena arena;
  const pdp::Caller caller = pdp::Caller::unrestricted("");
  search::Query query{.sought = kSought, .access = {}};
  pdp::AccessRequest& asked = query.access;
  asked.caller = &caller;
  asked.principal.type = asked.resource.type = options.type;
  if (kSought != Sought::kPrincipal) {
    asked.principal = TRY(described(options.principal, "principal", arena));
  }
  if (kSought != Sought::kResource) {
    asked.resource = TRY(described(options.resource, "resource", arena));
  }
  std::string action;
  if (kSought != Sought::kAction) {
    action = to_text(*TRY(read_uid_option(options.action, "action", arena)));
    asked.action = action;
  }
  codec::Json context;
  if (!options.context.empty()) context = TRY(load_context(options.context));
  asked.context = context.if_object();
  if (asked.context == nullptr && !context.is_null()) {
    return invalid("`--context` must be a JSON object");
  }
  constexpr auto kAll = std::numeric_limits<std::size_t>::max();
  const search::Found found = TRY(
      search::search(**built, query, {.max_found = kAll, .max_decisions = kAll}, wall_clock_ms()));
  print(kSought, options.type, found, output);
  return Exit::kOk;
}

/// What all three have, and of who, what and which those that are not sought.
template <Sought kSought>
void declare(CommandBuilder& command, SearchOptions<kSought>& options) {
  command.policies(options.files.policies).links(options.files.links);
  command.schema(options.schema).entities(options.entities);
  if (kSought != Sought::kPrincipal) {
    command.option("-l,--principal", options.principal, "UID", "who, e.g. 'User::\"alice\"'", true);
  }
  if (kSought != Sought::kAction) {
    command.option("-a,--action", options.action, "UID", "does what, e.g. 'Action::\"view\"'",
                   true);
  }
  if (kSought != Sought::kResource) {
    command.option("-r,--resource", options.resource, "UID", "to what, e.g. 'Photo::\"beach.jpg\"'",
                   true);
  }
  if (kSought != Sought::kAction) {
    command.option("--type", options.type, "TYPE", "the type of what is sought", true);
  }
  command.option("-c,--context", options.context, "FILE|JSON",
                 "the context, or a JSON file that holds it");
  command.mode(options.mode);
}

}  // namespace

void add_search(Commands& commands) {
  Commands group = commands.group("search", "Find all that would be allowed");
  auto [resources, of_resources] = group.add<SearchOptions<Sought::kResource>>(
      "resources", "Find what somebody may do something to",
      "  wardlock search resources -p policies/hospital --entities policies/hospital/entities.json "
      "\\\n"
      "    -l 'User::\"dr-grey\"' -a 'Action::\"view\"' --type LabReport",
      run_search);
  declare(resources, of_resources);
  auto [principals, of_principals] = group.add<SearchOptions<Sought::kPrincipal>>(
      "principals", "Find who may do something",
      "  wardlock search principals -p policies/hospital --entities "
      "policies/hospital/entities.json "
      "\\\n"
      "    --type User -a 'Action::\"view\"' -r 'LabReport::\"lab-100-1\"'",
      run_search);
  declare(principals, of_principals);
  auto [actions, of_actions] = group.add<SearchOptions<Sought::kAction>>(
      "actions", "Find what somebody may do",
      "  wardlock search actions -p policies/hospital --entities policies/hospital/entities.json "
      "\\\n"
      "    -l 'User::\"dr-grey\"' -r 'LabReport::\"lab-100-1\"'",
      run_search);
  declare(actions, of_actions);
}

}  // namespace wardlock::cli
