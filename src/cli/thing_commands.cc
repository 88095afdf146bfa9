#include <fmt/format.h>

#include "cli/authenticator_commands.h"
#include "cli/commands.h"
#include "cli/credential_commands.h"
#include "cli/module_commands.h"
#include "cli/relation_text.h"
#include "cli/sign_in_commands.h"
#include "cli/state_verb.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "cli/thing_values.h"
#include "directory/model/relation.h"
#include "directory/registry/credential.h"
#include "net/query_string.h"

// The commands of each kind of things: made from the table of kinds, so that none is listed twice.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::Schema;

constexpr unsigned kMostListed = 100'000;
constexpr std::size_t kPage = 1000;

struct ThingOptions {
  const Schema* schema = nullptr;
  ServerOptions server;
  ChangeOptions change;
  std::string name;
  ThingValues values;
  std::vector<std::string> unset;
  std::string state;
  std::string other;
  bool is_sensitive = false;
};

struct ListOptions {
  const Schema* schema = nullptr;
  ServerOptions server;
  std::vector<std::string> conditions;
  std::string like;
  std::string sort;
  unsigned limit = 100;
};

Exit print_changed(const Json& thing, const ChangeOptions& change, const Output& output) {
  output.print(thing, thing_text(thing, change.is_dry_run));
  return Exit::kOk;
}

/// Where an id is wanted, people give names.
Result<std::string> condition_value(AdminClient& client, const Schema& schema,
                                    const std::string& name, const std::string& value) {
  const auto* const attribute = directory::find_attribute(schema.attributes, name);
  if (attribute != nullptr && attribute->type == directory::Type::kReference) {
    const Json thing = TRY(find_thing(client, attribute->targets, value));
    return text_of(thing, "id");
  }
  const auto relation = directory::find_relation(name.substr(0, name.find('.')));
  if (!relation) return value;
  const bool is_object = name.ends_with(".of");
  const directory::RelationSchema& kinds = directory::schema_of(*relation);
  const Json thing = TRY(find_thing(client, is_object ? kinds.subjects : kinds.objects, value));
  return text_of(thing, "id");
}

Result<std::string> list_path(AdminClient& client, const ListOptions& options) {
  std::string path = fmt::format("{}?count={}", options.schema->collection,
                                 std::min<std::size_t>(kPage, options.limit));
  for (const std::string& condition : options.conditions) {
    const std::size_t equals = condition.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid(fmt::format("`{}` is no condition such as `state=active`", condition));
    }
    const std::string name = condition.substr(0, equals);
    const std::string value =
        TRY(condition_value(client, *options.schema, name, condition.substr(equals + 1)));
    path += fmt::format("&{}={}", net::percent_encoded(name), net::percent_encoded(value));
  }
  if (!options.like.empty()) path += "&like=" + net::percent_encoded(options.like);
  if (!options.sort.empty()) path += "&sort=" + net::percent_encoded(options.sort);
  return path;
}

Result<Exit> list(const ListOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const std::string path = TRY(list_path(*client, options));
  boost::json::array items;
  std::string next;
  do {
    const Json page =
        TRY(client->get(next.empty() ? path : path + "&cursor=" + net::percent_encoded(next)));
    for (const Json& item : page.at("items").as_array()) {
      if (items.size() < options.limit) items.push_back(item);
    }
    next = text_of(page, "next");
  } while (!next.empty() && items.size() < options.limit);
  std::vector<std::vector<std::string>> rows = {columns_of(*options.schema)};
  for (const Json& item : items) rows.push_back(row_of(*options.schema, item));
  if (!output.is_json() && !next.empty()) {
    output.note("there are more: raise `--limit`, or narrow the list");
  }
  if (!output.is_json() && items.empty()) {
    output.note(fmt::format("no {} were found", options.schema->plural));
  }
  output.print(object{{"items", std::move(items)}, {"areAll", next.empty()}}, table_text(rows));
  return Exit::kOk;
}

Result<Exit> show(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  Json thing = TRY(find_thing(*client, *options.schema, options.name));
  const std::string path = fmt::format("{}/{}", options.schema->collection, text_of(thing, "id"));
  if (options.is_sensitive) thing = TRY(client->get(path + "?sensitive=true"));
  const Json relations = TRY(client->get(path + "/relations"));
  StyledText text = thing_text(thing);
  TRY_VOID(add_relations(*client, thing, relations, text));
  object whole = thing.as_object();
  whole["relations"] = relations.at("items");
  output.print(whole, text);
  return Exit::kOk;
}

Result<Exit> add(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object attributes = TRY(read_values(*client, *options.schema, options.values));
  if (!options.name.empty()) attributes[calling_name(*options.schema).name] = options.name;
  object body{{"attributes", std::move(attributes)}};
  if (!options.state.empty()) body["state"] = options.state;
  const Json made = TRY(client->change("POST", std::string(options.schema->collection),
                                       std::move(body), options.change));
  return print_changed(made, options.change, output);
}

Result<Exit> change(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object patch = TRY(read_values(*client, *options.schema, options.values));
  for (const std::string& name : options.unset) patch[name] = nullptr;
  if (patch.empty()) return invalid("nothing is to be changed: see `--help` for what there is");
  const Json thing = TRY(find_thing(*client, *options.schema, options.name));
  const Json changed = TRY(client->change(
      "PATCH", fmt::format("{}/{}", options.schema->collection, text_of(thing, "id")),
      {{"attributes", std::move(patch)}}, options.change));
  return print_changed(changed, options.change, output);
}

Result<Exit> set_state(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json thing = TRY(find_thing(*client, *options.schema, options.name));
  const Json changed = TRY(client->change(
      "POST", fmt::format("{}/{}/state", options.schema->collection, text_of(thing, "id")),
      {{"state", options.state}}, options.change));
  return print_changed(changed, options.change, output);
}

Result<Exit> remove(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json thing = TRY(find_thing(*client, *options.schema, options.name));
  Json removed = TRY(client->change(
      "DELETE", fmt::format("{}/{}", options.schema->collection, text_of(thing, "id")), {},
      options.change));
  const std::string_view what = options.change.is_dry_run ? "would be removed" : "is removed";
  const std::string text = fmt::format("{} {} {}{}", word_for(*options.schema), name_of(thing),
                                       what, revision_line(removed));
  removed.as_object()["removed"] = text_of(thing, "id");
  output.print(removed, text);
  return Exit::kOk;
}

Result<Exit> merge(const ThingOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json from = TRY(find_thing(*client, *options.schema, options.name));
  const Json into = TRY(find_thing(*client, *options.schema, options.other));
  const Json merged = TRY(client->change(
      "POST", fmt::format("{}/{}/merge", options.schema->collection, text_of(from, "id")),
      {{"into", text_of(into, "id")}}, options.change));
  return print_changed(merged, options.change, output);
}

/// One kind's group of commands.
class Group {
 public:
  Group(Commands& commands, const Schema& schema)
      : schema_(schema),
        word_(word_for(schema)),
        group_(commands.group(word_.c_str(), std::string(schema.about).c_str())) {}

  void add_all() {
    add_list();
    add_show();
    add_add();
    add_change();
    add_states();
    add_remove();
    if (schema_.kind == directory::Kind::kPatient) add_merge();
    if (schema_.kind == directory::Kind::kModule) add_module_commands(group_);
    if (directory::kCredentialHolders.contains(schema_.kind)) {
      add_credential_commands(group_, schema_);
    }
    if (schema_.kind == directory::Kind::kPerson) {
      add_sign_in_commands(group_, schema_);
      add_authenticator_commands(group_, schema_);
    }
  }

 private:
  std::pair<CommandBuilder, ThingOptions&> command(
      const std::string& name, const std::string& about, const std::string& arguments,
      Result<Exit> (*run)(const ThingOptions&, const Output&)) {
    const std::string example = fmt::format("  wardlock {} {} {}", word_, name, arguments);
    auto made = group_.add<ThingOptions>(name.c_str(), about.c_str(), example.c_str(), run);
    made.second.schema = &schema_;
    return made;
  }

  static void add_name(CommandBuilder& command, ThingOptions& options) {
    command.option("name", options.name, "NAME", "what it is called, or its id", true);
  }

  void add_list() {
    const std::string example = fmt::format(
        "  wardlock {} list\n  wardlock {} list state={} --sort -changedAt\n"
        "A condition is PATH=VALUE, as docs/directory-admin.md has it: all of them must hold.",
        word_, word_, schema_.first.all().front());
    auto [list_command, options] = group_.add<ListOptions>(
        "list", "List those for which all conditions hold", example.c_str(), list);
    options.schema = &schema_;
    list_command.rest("conditions", options.conditions, "PATH=VALUE", "which of them")
        .option("--like", options.like, "TEXT", "their name, or an identifier, begins so")
        .option("--sort", options.sort, "PATH", "by this; `-` before it: descending")
        .number("--limit", options.limit, 1, kMostListed, "so many at most (default: 100)");
    add_server_options(list_command, options.server);
  }

  void add_show() {
    auto [builder, options] =
        command("show", "Show one, with how it stands to others", "NAME", show);
    add_name(builder, options);
    builder.flag("--sensitive", options.is_sensitive, "with what is shown only to who asks for it");
    add_server_options(builder, options.server);
  }

  void add_add() {
    const directory::Attribute& name = calling_name(schema_);
    auto [builder, options] = command("add", "Enter a new one", "NAME …", add);
    builder.option("name", options.name, "NAME", std::string(name.about).c_str());
    std::string states;
    for (const std::string_view state : schema_.first.all()) {
      states += fmt::format("{}{}", states.empty() ? "" : "|", state);
    }
    builder.option("--state", options.state, states.c_str(),
                   "in which state it begins (default: the first of these)");
    add_value_options(builder, schema_, options.values, &name);
    add_change_options(builder, options.change);
    add_server_options(builder, options.server);
  }

  void add_change() {
    auto [builder, options] = command("change", "Change some of its attributes", "NAME …", change);
    add_name(builder, options);
    add_value_options(builder, schema_, options.values, nullptr);
    builder.options_of_many("--unset", options.unset, "ATTRIBUTE", "take this one away");
    add_change_options(builder, options.change);
    add_server_options(builder, options.server);
  }

  void add_states() {
    for (const directory::State& state : schema_.states) {
      const std::string_view verb = state_verb(schema_, state);
      if (verb.empty()) continue;
      auto [builder, options] =
          command(std::string(verb), fmt::format("Make it `{}`: {}", state.name, state.about),
                  "NAME --reason \"…\"", set_state);
      options.state = state.name;
      add_name(builder, options);
      add_change_options(builder, options.change);
      add_server_options(builder, options.server);
    }
  }

  void add_remove() {
    auto [builder, options] =
        command("remove", "Take away all that is known of it but what nothing else may have",
                "NAME", remove);
    add_name(builder, options);
    add_change_options(builder, options.change);
    add_server_options(builder, options.server);
  }

  void add_merge() {
    auto [builder, options] = command(
        "merge", "One turned out to be another, who takes over its relations", "NAME INTO", merge);
    add_name(builder, options);
    builder.option("into", options.other, "NAME", "the other one", true);
    add_change_options(builder, options.change);
    add_server_options(builder, options.server);
  }

  const Schema& schema_;
  std::string word_;
  Commands group_;
};

}  // namespace

void add_things(Commands& commands) {
  for (const Schema* schema : directory::all_schemas()) Group(commands, *schema).add_all();
}

}  // namespace wardlock::cli
