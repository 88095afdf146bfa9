#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/wall_clock.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/thing_lookup.h"
#include "directory/lifecycle/role_rules.h"
#include "net/query_string.h"
#include "server/audit_log.h"
#include "server/directory.h"
#include "server/role_task.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr unsigned kPage = 500;
constexpr unsigned kMost = 1'000'000;

struct ReviewOptions {
  ServerOptions server;
  std::vector<std::string> kinds;
  unsigned limit = 1000;
};

std::string review_path(const ReviewOptions& options) {
  std::string path = fmt::format("review?count={}", std::min(kPage, options.limit));
  for (const std::string& kind : options.kinds) path += "&kind=" + net::percent_encoded(kind);
  return path;
}

/// `kim (suspended)`, or its id where it has no name.
std::string called(const Json& thing) {
  std::string name = text_of(thing, "name");
  if (name.empty()) name = text_of(thing, "id");
  const std::string state = text_of(thing, "state");
  if (state.empty() || state == "active" || state == "inService") return name;
  return fmt::format("{} ({})", name, state);
}

std::string line_of(const Json& finding) {
  const object& members = finding.as_object();
  std::string line =
      fmt::format("\n  {} {}", text_of(members.at("thing"), "kind"), called(members.at("thing")));
  if (const Json* const other = members.if_contains("other")) line += ", " + called(*other);
  if (members.contains("credential")) line += ", credential " + text_of(finding, "credential");
  return line + fmt::format(", {} {}", text_of(finding, "moment"), text_of(finding, "at"));
}

/// Findings of one kind stand together: why and what to do is said once.
StyledText review_text(const boost::json::array& items, const Json& withheld) {
  StyledText text;
  std::string last;
  for (const Json& finding : items) {
    const std::string kind = text_of(finding, "kind");
    if (kind != last) {
      if (!last.empty()) text.add("\n\n");
      text.add(kind, Style::kBold);
      text.add(fmt::format(": {}.\n  {}.", text_of(finding, "why"), text_of(finding, "todo")));
      last = kind;
    }
    text.add(line_of(finding));
  }
  if (items.empty()) text.add("nothing is to be done");
  if (withheld.as_array().empty()) return text;
  std::vector<std::string> names;
  for (const Json& name : withheld.as_array()) names.emplace_back(name.as_string());
  return text.add(
      fmt::format("\n\nnot told, or not all, since your roles do not let you read it: {}",
                  fmt::join(names, ", ")));
}

Result<Exit> review(const ReviewOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const std::string path = review_path(options);
  boost::json::array items;
  Json withheld = boost::json::array();
  std::string next;
  do {
    const Json page =
        TRY(client->get(next.empty() ? path : path + "&cursor=" + net::percent_encoded(next)));
    for (const Json& item : page.at("items").as_array()) {
      if (items.size() < options.limit) items.push_back(item);
    }
    withheld = page.at("withheld");
    next = text_of(page, "next");
  } while (!next.empty() && items.size() < options.limit);
  if (!output.is_json() && !next.empty()) {
    output.note("there is more: raise `--limit`, or name a `--kind`");
  }
  const StyledText text = review_text(items, withheld);
  const bool are_all = next.empty() && withheld.as_array().empty();
  output.print(
      object{{"items", std::move(items)}, {"areAll", are_all}, {"withheld", std::move(withheld)}},
      text);
  return Exit::kOk;
}

struct RulesOptions {
  std::string config;
};

/// What the rules of all tenants would change now.
Result<Exit> show_rules(const RulesOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  if (!config->directory || config->directory->role_rules.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                "the configuration has no rules: set `directory.role_rules`");
  }
  const auto store = TRY(server::open_kept_store(*config->directory));
  const auto registry = server::make_registry(*store, server::node_name(*config));
  const std::vector<directory::RoleRule> rules = server::role_rules_of(*config->directory);
  object all;
  std::string text;
  bool is_clean = true;
  for (const config::Tenant& each : config->tenants) {
    const std::string tenant(server::directory_tenant(each.name));
    const directory::RolePlan plan =
        TRY(directory::plan_roles(*registry, tenant, rules, wall_clock_ms()));
    is_clean = is_clean && plan.faults.empty();
    if (!text.empty()) text += "\n";
    if (config->tenants.size() > 1) text += tenant + ":\n";
    text += to_text(plan);
    all[tenant] = to_json(plan);
  }
  output.print(all, text);
  return is_clean ? Exit::kOk : Exit::kFailure;
}

}  // namespace

void add_directory(Commands& commands) {
  Commands group = commands.group("directory", "Look over the directory as a whole");
  auto [command, options] = group.add<ReviewOptions>(
      "review", "Tell who should go and what should be renewed, and why",
      "  wardlock directory review\n"
      "  wardlock directory review --kind dormant --kind neverCame --json\n"
      "Shows what your roles let you read. `directory.review` of the server's configuration says\n"
      "from when on something is told.",
      review);
  command
      .options_of_many("--kind", options.kinds, "KIND",
                       "findings of this kind alone, e.g. dormant (docs/lifecycle.md)")
      .number("--limit", options.limit, 1, kMost, "so many at most (default: 1000)");
  add_server_options(command, options.server);
  auto [rules, rules_options] = group.add<RulesOptions>(
      "rules", "Show which roles the rules of the configuration would give and take now",
      "  wardlock directory rules --config /etc/wardlock/wardlock.yaml\n"
      "Changes nothing: a running server applies `directory.role_rules` every\n"
      "`directory.role_rules_interval`. Exit status 1 where a rule names what is not there.",
      show_rules);
  rules.option("-c,--config", rules_options.config, "FILE", "the server's configuration, YAML",
               true);
}

}  // namespace wardlock::cli
