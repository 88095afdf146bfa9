#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

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

struct StartOptions {
  ServerOptions server;
  std::string draft;
  std::string reason;
  unsigned most_differences = kNotGiven;
  unsigned most_permille = kNotGiven;
};

struct StatusOptions {
  ServerOptions server;
  std::string number;
};

struct StopOptions {
  ServerOptions server;
  std::string reason;
};

std::string text_of_end(const Json& shadow) {
  const std::string end = text_of(shadow, "end");
  if (end == "running") return "it goes on";
  std::string text = end;
  if (end == "limit") text = "it stopped by itself: too much would be decided otherwise";
  if (end == "stopped") text = "somebody stopped it";
  if (end == "replaced") text = "another began in its place";
  if (end == "in_force") text = "what was tried came into force";
  return fmt::format("{}, at {}", text, text_of(shadow, "endedAt"));
}

std::string shadow_text(const Json& shadow) {
  return fmt::format("shadow     {}\ndraft      {}\ncontent    {}\nsince      {}\nend        {}",
                     text_of(shadow, "number"), text_of(shadow, "draft"),
                     text_of(shadow, "content"), text_of(shadow, "madeAt"), text_of_end(shadow));
}

StyledText view_text(const Json& view) {
  StyledText text;
  text.add(shadow_text(view));
  text.add(found_text(view));
  return text;
}

/// Of what runs; empty: nothing does.
Result<std::string> running_number(AdminClient& client) {
  const Json all = TRY(client.get("policies"));
  for (const Json& each : all.at("items").as_array()) {
    const Json* const shadow = each.as_object().if_contains("shadow");
    if (shadow != nullptr) return text_of(*shadow, "number");
  }
  return std::string();
}

Result<std::string> last_number(AdminClient& client) {
  const Json all = TRY(client.get("policies/shadows?count=1"));
  const auto& items = all.at("items").as_array();
  if (!items.empty()) return text_of(items.front(), "number");
  return fail(ErrorCode::kNotFound,
              "no draft was tried yet; `wardlock policy shadow start` begins");
}

Result<Exit> start(const StartOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  object body;
  if (options.most_differences != kNotGiven) body["mostDifferences"] = options.most_differences;
  if (options.most_permille != kNotGiven) body["mostPermille"] = options.most_permille;
  const Json begun =
      TRY(client->change("POST", fmt::format("policies/drafts/{}/shadow", text_of(draft, "id")),
                         std::move(body), {.reason = options.reason}));
  output.print(begun, shadow_text(begun));
  return Exit::kOk;
}

Result<Exit> show(const StatusOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  std::string number;
  if (options.number.empty()) {
    number = TRY(last_number(*client));
  } else {
    number = fmt::format("{}", TRY(read_serial(options.number, "--number")));
  }
  const Json view = TRY(client->get("policies/shadows/" + number));
  output.print(view, view_text(view));
  const Json& total = view.at("total");
  const bool is_same = text_of(total, "gained") == "0" && text_of(total, "lost") == "0";
  return is_same ? Exit::kOk : Exit::kDeny;
}

Result<Exit> stop(const StopOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const std::string number = TRY(running_number(*client));
  if (number.empty()) return fail(ErrorCode::kNotFound, "no draft is tried there now");
  TRY(client->change("POST", fmt::format("policies/shadows/{}/stop", number), {},
                     {.reason = options.reason}));
  const Json view = TRY(client->get("policies/shadows/" + number));
  output.print(view, view_text(view));
  return Exit::kOk;
}

void add_start(Commands& group) {
  auto [command, options] = group.add<StartOptions>(
      "start", "Have all nodes decide by a draft, too, and count what differs",
      "  wardlock policy shadow start 3f2a\n"
      "  wardlock policy shadow start \"Doses at night\" --most-differences 100 --most-permille "
      "5\n"
      "What is decided stays as it is. The draft must have passed its checks; nobody needs to have "
      "approved it. What is tried already ends.",
      start);
  command.option("draft", options.draft, "DRAFT", "its id, the end of it, or its title", true)
      .number("--most-differences", options.most_differences, 0, kMostDifferences,
              "it stops by itself where more decisions differ")
      .number("--most-permille", options.most_permille, 0, kWhole,
              "it stops by itself where more of 1000 differ; with both, both are exceeded")
      .option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

void add_status(Commands& group) {
  auto [command, options] = group.add<StatusOptions>(
      "status", "Show what would be decided otherwise: who gains, who loses, how often",
      "  wardlock policy shadow status\n  wardlock policy shadow status --number 3 --json\n"
      "Exit status: 0 nothing differs so far, 2 something does.",
      show);
  command.option("--number", options.number, "N", "of which shadow (default: the last)");
  add_server_options(command, options.server);
}

void add_stop(Commands& group) {
  auto [command, options] =
      group.add<StopOptions>("stop", "End what is tried; what was found stays",
                             "  wardlock policy shadow stop --reason \"seen enough\"", stop);
  command.option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

}  // namespace

std::string found_text(const Json& view) {
  const Json& total = view.at("total");
  std::vector<std::vector<std::string>> rows = {
      {"", "who", "action", "on", "times", "cause", "for example"}};
  for (const Json& each : total.at("differences").as_array()) {
    rows.push_back({each.at("gains").as_bool() ? "gains" : "loses", text_of(each, "who"),
                    text_of(each, "action"), text_of(each, "resourceType"), text_of(each, "count"),
                    text_of(each, "cause"), text_of(each, "decisionId")});
  }
  return fmt::format(
      "\ncompared   {} decisions on {} nodes; {} left out\ngained     {}\n"
      "lost       {}{}",
      text_of(total, "compared"), view.at("nodes").as_array().size(), text_of(total, "skipped"),
      text_of(total, "gained"), text_of(total, "lost"),
      rows.size() == 1 ? "" : "\n" + table_text(rows).render(false));
}

void add_policy_shadow(Commands& group) {
  Commands shadow =
      group.group("shadow", "Try a change beside what is in force, without any effect");
  add_start(shadow);
  add_status(shadow);
  add_stop(shadow);
}

}  // namespace wardlock::cli
