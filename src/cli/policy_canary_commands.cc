#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "bundle/statement.h"
#include "cli/bundle_text.h"
#include "cli/policy_change_commands.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr unsigned kNotGiven = std::numeric_limits<unsigned>::max();
constexpr unsigned kMostDifferences = 1'000'000'000;
constexpr unsigned kWhole = 1000;  // per mille

struct BeginCanaryOptions {
  ServerOptions server;
  std::string draft;
  std::vector<std::string> locations;
  std::vector<std::string> peps;
  std::vector<std::string> actions;
  std::string until;
  std::string reason;
  unsigned most_differences = kNotGiven;
  unsigned most_permille = kNotGiven;
  bool is_single_handed = false;
};

struct ShowCanaryOptions {
  ServerOptions server;
  std::string number;
};

struct StopCanaryOptions {
  ServerOptions server;
  std::string reason;
};

std::string text_of_end(const Json& canary) {
  const std::string end = text_of(canary, "end");
  if (end == "running") return fmt::format("by itself at {}", text_of(canary, "endsAt"));
  std::string text = end;
  if (end == "limit") text = "it stopped by itself: too much was decided otherwise";
  if (end == "stopped") text = "somebody stopped it";
  if (end == "replaced") text = "another began in its place";
  if (end == "in_force") text = "its policies came into force for all";
  if (end == "superseded") text = "other policies came into force";
  if (end == "expired") text = "its time was over";
  return fmt::format("{}, at {}", text, text_of(canary, "endedAt"));
}

/// A line for each kind of names that it has.
std::string names_text(const Json& canary, std::string_view member, std::string_view what) {
  std::string names;
  for (const Json& each : canary.at(member).as_array()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", std::string_view(each.as_string()));
  }
  return names.empty() ? "" : fmt::format("\n{:<11}{}", what, names);
}

std::string canary_text(const Json& canary) {
  const std::string alone =
      text_of(canary, "cause") == "single_handed" ? "\ncause      single-handed" : "";
  return fmt::format(
      "canary     {}\nserial     {}\ndraft      {}\ncontent    {}{}{}{}{}\nsince      {}\n"
      "end        {}",
      text_of(canary, "number"), text_of(canary, "serial"), text_of(canary, "draft"),
      text_of(canary, "content"), names_text(canary, "locations", "places"),
      names_text(canary, "peps", "asked by"), names_text(canary, "actions", "and of"), alone,
      text_of(canary, "madeAt"), text_of_end(canary));
}

StyledText view_text(const Json& view) {
  StyledText text;
  text.add(canary_text(view));
  text.add(found_text(view));
  return text;
}

/// Of what runs; empty: nothing does.
Result<std::string> running_number(AdminClient& client) {
  const Json all = TRY(client.get("policies"));
  for (const Json& each : all.at("items").as_array()) {
    const Json* const canary = each.as_object().if_contains("canary");
    if (canary != nullptr) return text_of(*canary, "number");
  }
  return std::string();
}

Result<std::string> last_number(AdminClient& client) {
  const Json all = TRY(client.get("policies/canaries?count=1"));
  const auto& items = all.at("items").as_array();
  if (!items.empty()) return text_of(items.front(), "number");
  return fail(ErrorCode::kNotFound,
              "there was no canary yet; `wardlock policy canary start` begins one");
}

boost::json::array list_of(const std::vector<std::string>& names) {
  return boost::json::array(names.begin(), names.end());
}

Result<Exit> start(const BeginCanaryOptions& options, const Output& output) {
  if (options.locations.empty() && options.peps.empty()) {
    return invalid("for which part: name a place with `--location`, or who asks with `--pep`");
  }
  object body{{"locations", list_of(options.locations)},
              {"peps", list_of(options.peps)},
              {"actions", list_of(options.actions)}};
  if (!options.until.empty()) {
    body["endsAt"] = bundle::to_text(TRY(read_moment(options.until, "--until", this_second())));
  }
  if (options.is_single_handed) body["singleHanded"] = true;
  if (options.most_differences != kNotGiven) body["mostDifferences"] = options.most_differences;
  if (options.most_permille != kNotGiven) body["mostPermille"] = options.most_permille;
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  const Json begun =
      TRY(client->change("POST", fmt::format("policies/drafts/{}/canary", text_of(draft, "id")),
                         std::move(body), {.reason = options.reason}));
  output.print(begun, canary_text(begun));
  return Exit::kOk;
}

Result<Exit> show(const ShowCanaryOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  std::string number;
  if (options.number.empty()) {
    number = TRY(last_number(*client));
  } else {
    number = fmt::format("{}", TRY(read_serial(options.number, "--number")));
  }
  const Json view = TRY(client->get("policies/canaries/" + number));
  output.print(view, view_text(view));
  const Json& total = view.at("total");
  const bool is_same = text_of(total, "gained") == "0" && text_of(total, "lost") == "0";
  return is_same ? Exit::kOk : Exit::kDeny;
}

Result<Exit> stop(const StopCanaryOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const std::string number = TRY(running_number(*client));
  if (number.empty()) return fail(ErrorCode::kNotFound, "no canary runs there now");
  TRY(client->change("POST", fmt::format("policies/canaries/{}/stop", number), {},
                     {.reason = options.reason}));
  const Json view = TRY(client->get("policies/canaries/" + number));
  output.print(view, view_text(view));
  return Exit::kOk;
}

void add_start(Commands& group) {
  auto [command, options] = group.add<BeginCanaryOptions>(
      "start", "Have an approved draft decide for a ward, or for who asks, before it does for all",
      "  wardlock policy canary start 3f2a --location 'Ward::\"3\"'\n"
      "  wardlock policy canary start \"Doses at night\" --pep pharmacy-gateway --until 3d \\\n"
      "    --most-differences 100 --most-permille 5\n"
      "It takes the approvals of an activation. Actions of the classes safety and therapy stay "
      "out, unless `--action` names them. What runs already ends.",
      start);
  command.option("draft", options.draft, "DRAFT", "its id, the end of it, or its title", true)
      .options_of_many("--location", options.locations, "UID",
                       "what is about this place, or about what is in it")
      .options_of_many("--pep", options.peps, "CALLER", "what this enforcement point asks")
      .options_of_many("--action", options.actions, "ACTION",
                       "of the class safety or therapy, and still of the part")
      .option("--until", options.until, "TIME", "when it ends by itself (default: in 24 hours)")
      .number("--most-differences", options.most_differences, 0, kMostDifferences,
              "it stops by itself where more decisions differ")
      .number("--most-permille", options.most_permille, 0, kWhole,
              "it stops by itself where more of 1000 differ; with both, both are exceeded")
      .flag("--single-handed", options.is_single_handed,
            "without approval, where nobody else could approve it")
      .option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

void add_status(Commands& group) {
  auto [command, options] = group.add<ShowCanaryOptions>(
      "status", "Show what a canary decided otherwise: who gained, who lost, how often",
      "  wardlock policy canary status\n  wardlock policy canary status --number 3 --json\n"
      "Exit status: 0 nothing differed so far, 2 something did.",
      show);
  command.option("--number", options.number, "N", "of which canary (default: the last)");
  add_server_options(command, options.server);
}

void add_stop(Commands& group) {
  auto [command, options] = group.add<StopCanaryOptions>(
      "stop", "End it at once: what is in force decides all",
      "  wardlock policy canary stop --reason \"nurses complain\"", stop);
  command.option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

}  // namespace

void add_policy_canary(Commands& group) {
  Commands canary =
      group.group("canary", "Have a change decide for a ward, or for who asks, before all");
  add_start(canary);
  add_status(canary);
  add_stop(canary);
}

}  // namespace wardlock::cli
