#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggestion.h"
#include "cli/commands.h"
#include "cli/relation_text.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "cli/thing_values.h"
#include "directory/model/relation.h"

// How things stand to each other: `relate`, `unrelate`, and for roles `assign`, `unassign`.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::RelationSchema;

struct RelateOptions {
  ServerOptions server;
  ChangeOptions change;
  std::string subject;
  std::string kind = "roleAssignment";
  std::string object;
  std::string scope;
  std::string from;
  std::string until;
  std::vector<std::string> set;
  bool is_all = false;
};

Result<const RelationSchema*> schema_named(const std::string& kind) {
  if (const auto relation = directory::find_relation(kind)) {
    return &directory::schema_of(*relation);
  }
  std::vector<std::string> names;
  for (const RelationSchema& each : directory::all_relations()) names.emplace_back(each.name);
  const std::string hint = suggestion(kind, names);
  return invalid(
      fmt::format("there is no kind of relations `{}`{}", kind,
                  hint.empty() ? fmt::format("; there are {}", fmt::join(names, ", ")) : hint));
}

/// The ids of what is named.
struct Ends {
  std::string subject;
  std::string object;
  std::string scope;
};

Result<Ends> find_ends(AdminClient& client, const RelationSchema& schema,
                       const RelateOptions& options) {
  Ends ends;
  if (!options.scope.empty() && schema.scopes.is_empty()) {
    return invalid(fmt::format("`{}` counts everywhere: it takes no `--in`", schema.name));
  }
  const Json subject = TRY(find_thing(client, schema.subjects, options.subject));
  const Json other = TRY(find_thing(client, schema.objects, options.object));
  ends.subject = text_of(subject, "id");
  ends.object = text_of(other, "id");
  if (options.scope.empty()) return ends;
  const Json scope = TRY(find_thing(client, schema.scopes, options.scope));
  ends.scope = text_of(scope, "id");
  return ends;
}

Result<object> attributes_of(AdminClient& client, const RelationSchema& schema,
                             const std::vector<std::string>& set) {
  object out;
  for (const std::string& text : set) {
    const std::size_t equals = text.find('=');
    const auto* const attribute =
        directory::find_attribute(schema.attributes, text.substr(0, equals));
    if (attribute == nullptr || equals == std::string::npos) {
      std::vector<std::string> names;
      for (const auto& each : schema.attributes) names.emplace_back(each.name);
      return invalid(fmt::format(
          "`{}` sets nothing that `{}` has: {}", text, schema.name,
          names.empty() ? "it has no attributes" : fmt::format("{}", fmt::join(names, ", "))));
    }
    out[attribute->name] = TRY(read_value(client, *attribute, text.substr(equals + 1)));
  }
  return out;
}

Result<Exit> relate(const RelateOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const RelationSchema& schema = *TRY(schema_named(options.kind));
  const Ends ends = TRY(find_ends(*client, schema, options));
  object body{{"kind", schema.name}, {"subject", ends.subject}, {"object", ends.object}};
  if (!ends.scope.empty()) body["scope"] = ends.scope;
  if (!options.from.empty()) body["from"] = TRY(read_time(options.from));
  if (!options.until.empty()) body["until"] = TRY(read_time(options.until));
  body["attributes"] = TRY(attributes_of(*client, schema, options.set));
  const Json made = TRY(client->change("POST", "relations", std::move(body), options.change));
  const std::string line = TRY(relation_line(*client, made));
  output.print(made, options.change.is_dry_run ? "would be: " + line : line + revision_line(made));
  return Exit::kOk;
}

Result<Exit> unrelate(const RelateOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const RelationSchema& schema = *TRY(schema_named(options.kind));
  const Ends ends = TRY(find_ends(*client, schema, options));
  std::string path =
      fmt::format("relations?kind={}&subject={}&object={}", schema.name, ends.subject, ends.object);
  if (!ends.scope.empty()) path += "&scope=" + ends.scope;
  const Json found = TRY(client->get(path));
  const boost::json::array& items = found.at("items").as_array();
  if (items.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("`{}` has no `{}` to `{}` that could be ended",
                                                  options.subject, schema.name, options.object));
  }
  if (items.size() > 1 && !options.is_all) {
    return invalid(fmt::format(
        "there are {} of them, in several places or times: say which with `--in`, or `--all`",
        items.size()));
  }
  boost::json::array ended;
  std::string text;
  std::string last;
  for (const Json& item : items) {
    const Json done = TRY(client->change(
        "POST", fmt::format("relations/{}/end", text_of(item, "id")), {}, options.change));
    const std::string line = TRY(relation_line(*client, done));
    text += fmt::format("{}{}{}", text.empty() ? "" : "\n",
                        options.change.is_dry_run ? "would be: " : "", line);
    last = revision_line(done);
    ended.push_back(done);
  }
  text += last;
  output.print(object{{"ended", std::move(ended)}}, text);
  return Exit::kOk;
}

void add_common(CommandBuilder& command, RelateOptions& options) {
  command.option("--in", options.scope, "NAME", "where it counts: a ward, an organisation");
  add_change_options(command, options.change);
  add_server_options(command, options.server);
}

void add_times(CommandBuilder& command, RelateOptions& options) {
  command.option("--from", options.from, "TIME", "from when on it counts (default: now)")
      .option("--until", options.until, "TIME", "until when (default: until it is ended)");
}

void add_ends(CommandBuilder& command, RelateOptions& options) {
  std::string kinds;
  for (const RelationSchema& each : directory::all_relations()) {
    kinds += fmt::format("{}{}", kinds.empty() ? "" : "|", each.name);
  }
  command
      .option("subject", options.subject, "NAME", "what stands so; `user:NAME` says its kind", true)
      .option("kind", options.kind, kinds.c_str(), "how it stands", true)
      .option("object", options.object, "NAME", "to what", true);
}

}  // namespace

void add_relations_of_things(Commands& commands) {
  auto [assign, assigned] = commands.add<RelateOptions>(
      "assign", "Give a person, service, agent or group a role",
      "  wardlock assign kim Nurse --in W4 --until 2027-06-30 --reason \"new on the ward\"",
      relate);
  assign.option("who", assigned.subject, "NAME", "who gets it; `group:NAME` says its kind", true)
      .option("role", assigned.object, "ROLE", "the role's name", true);
  add_times(assign, assigned);
  add_common(assign, assigned);

  auto [unassign, unassigned] = commands.add<RelateOptions>(
      "unassign", "Take a role away", "  wardlock unassign kim Nurse --in W4", unrelate);
  unassign.option("who", unassigned.subject, "NAME", "who has it; `group:NAME` says its kind", true)
      .option("role", unassigned.object, "ROLE", "the role's name", true)
      .flag("--all", unassigned.is_all, "everywhere, where there are several");
  add_common(unassign, unassigned);

  auto [relate_command, related] = commands.add<RelateOptions>(
      "relate",
      "Have a thing stand to another: where a device is, what it runs, who cares for whom",
      "  wardlock relate P4/SN-1001 deviceLocation W4\n"
      "  wardlock relate P4/SN-1001 runs \"Drip Control/4.2.1\"\n"
      "  wardlock relate kim care P-100 --set careType=nursing",
      relate);
  add_ends(relate_command, related);
  relate_command.options_of_many("--set", related.set, "NAME=VALUE",
                                 "an attribute of the relation");
  add_times(relate_command, related);
  add_common(relate_command, related);

  auto [unrelate_command, unrelated] =
      commands.add<RelateOptions>("unrelate", "End how a thing stands to another",
                                  "  wardlock unrelate kim care P-100", unrelate);
  add_ends(unrelate_command, unrelated);
  unrelate_command.flag("--all", unrelated.is_all, "all of them, where there are several");
  add_common(unrelate_command, unrelated);
}

}  // namespace wardlock::cli
