#include "cli/module_commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "cli/admin_client.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::Kind;

constexpr unsigned kMostListed = 1'000'000;
constexpr std::size_t kPage = 1000;

struct ModuleOptions {
  ServerOptions server;
  std::string name;
  std::string below;
  std::string state;
  unsigned limit = kMostListed;
};

/// All items behind a path that has a query, page by page; and the last page.
struct Listed {
  boost::json::array items;
  Json page;
  bool are_all = true;
};

Result<Listed> list_all(AdminClient& client, const std::string& path, std::size_t limit) {
  Listed listed;
  std::string next;
  do {
    listed.page =
        TRY(client.get(next.empty() ? path : path + "&cursor=" + net::percent_encoded(next)));
    for (const Json& item : listed.page.at("items").as_array()) {
      if (listed.items.size() < limit) listed.items.push_back(item);
    }
    next = text_of(listed.page, "next");
  } while (!next.empty() && listed.items.size() < limit);
  listed.are_all = next.empty();
  return listed;
}

struct Wanted {
  std::string module;   ///< its id
  std::string version;  ///< empty: any
};

/// A module, or one version of it.
Result<Wanted> find_wanted(AdminClient& client, const std::string& word) {
  const auto module = find_thing(client, directory::schema_of(Kind::kModule), word);
  if (module) return Wanted{.module = text_of(*module, "id"), .version = {}};
  if (module.error().code != ErrorCode::kNotFound) return std::unexpected(module.error());
  const auto version = find_thing(client, directory::schema_of(Kind::kModuleVersion), word);
  if (version) {
    return Wanted{.module = attribute_of(*version, "module"),
                  .version = attribute_of(*version, "version")};
  }
  if (version.error().code != ErrorCode::kNotFound) return std::unexpected(version.error());
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no module `{}`, and no version of one; `wardlock module list` "
                          "has the modules, `wardlock module versions MODULE` the versions of one",
                          word));
}

Result<Exit> versions(const ModuleOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json module = TRY(find_thing(*client, directory::schema_of(Kind::kModule), options.name));
  const Listed listed = TRY(
      list_all(*client, fmt::format("modules/{}/versions?count={}", text_of(module, "id"), kPage),
               SIZE_MAX));
  std::vector<std::vector<std::string>> rows = {{"version", "in service", "devices", "state"}};
  for (const Json& item : listed.items) {
    rows.push_back({text_of(item, "version"), text_of(item, "inService"), text_of(item, "devices"),
                    text_of(item, "state")});
  }
  if (!output.is_json() && listed.items.empty()) output.note("it has no versions");
  output.print(object{{"module", module}, {"items", listed.items}}, table_text(rows));
  return Exit::kOk;
}

Result<std::string> path_of(AdminClient& client, const ModuleOptions& options) {
  const Wanted wanted = TRY(find_wanted(client, options.name));
  if (!wanted.version.empty() && !options.below.empty()) {
    return invalid(fmt::format("`{}` is one version; `--below` goes with a module", options.name));
  }
  std::string path = fmt::format("modules/{}/devices?count={}", wanted.module,
                                 std::min<std::size_t>(kPage, options.limit));
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (!value.empty()) path += fmt::format("&{}={}", name, net::percent_encoded(value));
  };
  add("version", wanted.version);
  add("below", options.below);
  add("state", options.state);
  return path;
}

/// What is not said: devices whose software is made with it are not asked for.
std::string nothing_found(const ModuleOptions& options) {
  std::string found = "no device";
  if (!options.state.empty()) found += fmt::format(" in the state `{}`", printable(options.state));
  found += options.below.empty()
               ? " is said to run it"
               : fmt::format(" is said to run a version that is known to be below `{}`",
                             printable(options.below));
  return found + "; software that is made with it has to be asked for by itself";
}

Result<Exit> devices(const ModuleOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const std::string path = TRY(path_of(*client, options));
  const Listed listed = TRY(list_all(*client, path, options.limit));
  const directory::Schema& schema = directory::schema_of(Kind::kDevice);
  std::vector<std::vector<std::string>> rows = {columns_of(schema)};
  rows.front().insert(rows.front().begin(), "version");
  for (const Json& item : listed.items) {
    rows.push_back(row_of(schema, item.at("device")));
    rows.back().insert(rows.back().begin(), text_of(item, "version"));
  }
  const Json& not_compared = listed.page.at("notCompared");
  if (!output.is_json()) {
    if (!listed.are_all) output.note("there are more: raise `--limit`");
    if (listed.items.empty()) output.note(nothing_found(options));
    for (const Json& version : not_compared.as_array()) {
      output.note(
          fmt::format("nobody can say whether `{0}` is below `{1}`: look at it with "
                      "`wardlock module devices \"{2}/{0}\"`",
                      std::string_view(version.as_string()), options.below, options.name));
    }
  }
  output.print(
      object{{"items", listed.items}, {"notCompared", not_compared}, {"areAll", listed.are_all}},
      table_text(rows));
  return Exit::kOk;
}

}  // namespace

void add_module_commands(Commands& group) {
  auto [of_versions, counted] =
      group.add<ModuleOptions>("versions", "Count the devices that run each version of a module",
                               "  wardlock module versions \"meridian/Dose control\"", versions);
  of_versions.option("name", counted.name, "MODULE", "what it is called, or its id", true);
  add_server_options(of_versions, counted.server);
  auto [of_devices, listed] = group.add<ModuleOptions>(
      "devices", "List the devices that run a module, or one version of it",
      "  wardlock module devices \"meridian/Dose control/2.1.0\" --state inService\n"
      "  wardlock module devices \"meridian/Dose control\" --below 2.1.0\n"
      "For a recall, or a vulnerability.",
      devices);
  of_devices.option("name", listed.name, "MODULE[/VERSION]", "what it is called, or its id", true)
      .option("--below", listed.below, "VERSION", "those that run an earlier version than this")
      .option("--state", listed.state, "STATE", "those in this state, such as `inService`")
      .number("--limit", listed.limit, 1, kMostListed, "so many at most");
  add_server_options(of_devices, listed.server);
}

}  // namespace wardlock::cli
