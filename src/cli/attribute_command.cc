#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "cli/admin_client.h"
#include "cli/attribute_commands.h"
#include "cli/config_file.h"
#include "cli/inputs.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "codec/json.h"
#include "directory/fetch/source.h"
#include "net/interruption.h"
#include "net/query_string.h"

// What sources tell, at the command line: docs/attribute-sources.md.
namespace wardlock::cli {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Kind;

struct AttributePutOptions {
  ServerOptions server;
  std::string source;
  std::string thing;
  std::string identifier;
  std::string attribute;
  std::string value;
  std::string observed;
  std::string file;
};

struct AttributeShowOptions {
  ServerOptions server;
  std::string thing;
};

struct AttributeFetchOptions {
  std::string config;
  std::string source;
};

/// `TYPE=VALUE`
Result<object> identifier_of(std::string_view text) {
  const std::size_t end = text.find('=');
  if (end == std::string_view::npos || end == 0 || end + 1 == text.size()) {
    return invalid("write an identifier as `TYPE=VALUE`, such as `userName=swift`");
  }
  return object{{"type", text.substr(0, end)}, {"value", text.substr(end + 1)}};
}

/// JSON as it is, and anything else as a text.
Json value_of(const std::string& text) {
  auto json = codec::parse_json(text);
  return json ? *std::move(json) : Json(text);
}

Result<array> values_of(const AttributePutOptions& options) {
  if (!options.file.empty()) {
    if (!options.attribute.empty() || !options.thing.empty() || !options.identifier.empty()) {
      return invalid("`--file` has all that is told: leave out what it is told of");
    }
    const Json values = TRY(load_json(options.file));
    if (!values.is_array()) return invalid("the file must have a JSON list of values");
    return values.get_array();
  }
  if (options.attribute.empty() || options.value.empty()) {
    return invalid("say which `--attribute` has which `--value`, or name a `--file`");
  }
  if (options.thing.empty() == options.identifier.empty()) {
    return invalid("name what it is told of, with `--thing ID` or `--identifier TYPE=VALUE`");
  }
  object value{{"attribute", options.attribute}, {"value", value_of(options.value)}};
  if (!options.thing.empty()) value["thing"] = options.thing;
  if (!options.identifier.empty()) value["identifier"] = TRY(identifier_of(options.identifier));
  if (!options.observed.empty()) value["observedAt"] = options.observed;
  return array{std::move(value)};
}

std::string outcome_text(const Json& outcome) {
  std::string text = fmt::format("{} kept", outcome.at("kept").to_number<std::int64_t>());
  for (const Json& place : outcome.at("outdated").as_array()) {
    text += fmt::format("\nvalue {}: something later is known", place.to_number<std::int64_t>());
  }
  for (const Json& each : outcome.at("refused").as_array()) {
    text += fmt::format("\nvalue {}: refused: {}", each.at("index").to_number<std::int64_t>(),
                        text_of(each, "detail"));
  }
  return text;
}

Result<Exit> put_attributes(const AttributePutOptions& options, const Output& output) {
  array values = TRY(values_of(options));
  const auto client = TRY(AdminClient::open(options.server));
  const Json outcome =
      TRY(client->change("PUT", fmt::format("attributes/{}", net::percent_encoded(options.source)),
                         {{"values", std::move(values)}}, {}));
  output.print(outcome, outcome_text(outcome));
  return outcome.at("refused").as_array().empty() ? Exit::kOk : Exit::kFailure;
}

Result<Exit> show_attributes(const AttributeShowOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json thing = TRY(find_thing(
      *client, {Kind::kPerson, Kind::kPatient, Kind::kDevice, Kind::kLocation}, options.thing));
  const Json told = TRY(client->get(fmt::format("things/{}/attributes", text_of(thing, "id"))));
  std::vector<std::vector<std::string>> rows = {
      {"attribute", "value", "source", "observed", "standing"}};
  for (const Json& each : told.at("items").as_array()) {
    rows.push_back({text_of(each, "attribute"), codec::to_json_text(each.at("value")),
                    text_of(each, "source"), text_of(each, "observedAt"),
                    text_of(each, "standing")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("no source told anything of it");
  output.print(told, table_text(rows));
  return Exit::kOk;
}

Result<directory::FetchSource> find_source(const config::Config& config, const std::string& name) {
  std::vector<std::string> names;
  if (config.directory) {
    for (const directory::FetchSource& each : config.directory->attribute_sources) {
      if (each.name == name) return each;
      names.push_back(each.name);
    }
  }
  return fail(ErrorCode::kNotFound,
              names.empty() ? "the configuration names no source: set `directory.attribute_sources`"
                            : fmt::format("there is no source `{}`; there are `{}`", name,
                                          fmt::join(names, "`, `")));
}

Result<Exit> fetch_attributes(const AttributeFetchOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  const directory::FetchSource source = TRY(find_source(*config, options.source));
  const net::Interruption interruption;
  const directory::FetchedValues fetched =
      TRY(directory::fetch_values(source, interruption, wall_clock_ms()));
  std::vector<std::vector<std::string>> rows = {{"of", "attribute", "value", "observed"}};
  for (const Json& each : fetched.items) {
    const auto member = [&](std::string_view name) {
      const Json* const found = each.is_object() ? each.get_object().if_contains(name) : nullptr;
      return found == nullptr ? std::string() : codec::to_json_text(*found);
    };
    rows.push_back({member("identifier") + member("thing"), member("attribute"),
                    member("value") + member("valueIdentifier"), member("observedAt")});
  }
  if (fetched.contradictions > 0) {
    output.note(
        fmt::format("{} said in two ways: nothing is told of these", fetched.contradictions));
  }
  if (fetched.unread > 0) {
    output.note(
        fmt::format("{} name no thing, have no value, or do not say since when", fetched.unread));
  }
  output.print(object{{"values", fetched.items},
                      {"contradictions", fetched.contradictions},
                      {"unread", fetched.unread}},
               table_text(rows));
  return fetched.contradictions + fetched.unread == 0 ? Exit::kOk : Exit::kFailure;
}

Result<Exit> list_attribute_sources(const ServerOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options));
  const Json all = TRY(client->get("attributes"));
  std::vector<std::vector<std::string>> rows = {
      {"source", "attribute", "fresh", "when stale", "told", "fresh now", "latest"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back(
        {text_of(each, "source"),
         fmt::format("{}.{}", text_of(each, "type"), text_of(each, "attribute")),
         text_of(each, "fresh"),
         fmt::format("{}{}{}", text_of(each, "stale"),
                     each.as_object().contains("lastKnown") ? " " : "", text_of(each, "lastKnown")),
         fmt::format("{}", each.at("told").to_number<std::int64_t>()),
         fmt::format("{}", each.at("toldFresh").to_number<std::int64_t>()),
         text_of(each, "latestAt")});
  }
  if (!output.is_json() && rows.size() == 1) {
    output.note("the policies' schema has no source tell anything");
  }
  output.print(all, table_text(rows));
  return Exit::kOk;
}

}  // namespace

void add_attribute(Commands& commands) {
  Commands group =
      commands.group("attribute", "What sources tell: put it, show it, see how old it is");
  auto [put, put_options] = group.add<AttributePutOptions>(
      "put", "Tell values, as the source that the credential is of",
      "  wardlock attribute put --source rota --identifier userName=swift --attribute onCall "
      "--value true\n"
      "  wardlock attribute put --source rtls --file positions.json",
      put_attributes);
  put.option("--source", put_options.source, "NAME", "the source's name in the policies' schema",
             true)
      .option("--thing", put_options.thing, "ID", "of what: its id")
      .option("--identifier", put_options.identifier, "TYPE=VALUE", "or an identifier of it")
      .option("--attribute", put_options.attribute, "NAME", "which attribute")
      .option("--value", put_options.value, "VALUE", "its value: JSON, or a text; `null`: none")
      .option("--observed-at", put_options.observed, "TIME",
              "when it was so (RFC 3339; usually now)")
      .option("--file", put_options.file, "FILE", "a file with a JSON list of values");
  add_server_options(put, put_options.server);
  auto [show, show_options] = group.add<AttributeShowOptions>(
      "show", "Show what sources told of a person, patient, device or place",
      "  wardlock attribute show swift", show_attributes);
  show.option("thing", show_options.thing, "NAME", "of what: a name, identifier or id", true);
  add_server_options(show, show_options.server);
  auto [fetch, fetch_options] = group.add<AttributeFetchOptions>(
      "fetch", "Ask a source now, and show what it would tell; nothing is kept",
      "  wardlock attribute fetch --config /etc/wardlock/wardlock.yaml --source beds\n"
      "Sources are set in `directory.attribute_sources`; a running server asks each every\n"
      "`interval`. The exit status is 1 where something of the answer could not be read.",
      fetch_attributes);
  fetch
      .option("-c,--config", fetch_options.config, "FILE", "the server's configuration, YAML", true)
      .option("--source", fetch_options.source, "NAME", "which of `directory.attribute_sources`",
              true);
  auto [sources, server] = group.add<ServerOptions>(
      "sources", "List which attributes sources tell, and how each source stands",
      "  wardlock attribute sources", list_attribute_sources);
  add_server_options(sources, server);
}

}  // namespace wardlock::cli
