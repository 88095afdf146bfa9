#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"

// Breaking the glass at the command line: docs/break-glass.md.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::string_view kGrants = "/break-glass/v1/grants";

struct BreakGlassOptions {
  ServerOptions server;
  std::string patient;
  std::string device;
  std::string reason;
  std::string words;
  unsigned minutes = 0;
};

struct ReviewOptions {
  ServerOptions server;
  std::string id;
  std::string outcome;
  std::string words;
  bool is_of_all = false;
  bool wants_statistics = false;
};

struct GrantOptions {
  ServerOptions server;
  std::string id;
  std::string reason;
  std::string words;
  unsigned minutes = 0;
  bool is_of_all = false;
};

std::string joined(const Json& words) {
  std::string out;
  for (const Json& each : words.as_array()) {
    out += (out.empty() ? "" : ", ") + std::string(each.as_string());
  }
  return out;
}

std::string target_of(const Json& grant) {
  const bool is_device = grant.as_object().contains("device");
  return fmt::format("{} {}", is_device ? "device" : "patient",
                     text_of(grant, is_device ? "device" : "patient"));
}

/// What they get, until when, and that it is looked at.
std::string grant_text(const Json& grant) {
  std::string text =
      fmt::format("the glass is broken: {} for {}, until {}\n", joined(grant.at("actions")),
                  target_of(grant), text_of(grant, "expiresAt"));
  if (!grant.at("waives").as_array().empty()) {
    text += fmt::format("it sets aside: {}\n", joined(grant.at("waives")));
  }
  text += fmt::format(
      "grant: {0}\nWhat you do under it is on record, and somebody else reviews it by {1}.",
      text_of(grant, "id"), text_of(grant, "reviewBy"));
  if (grant.at("escalated").as_bool()) {
    text += fmt::format("\nIt is your {}. of this shift, and escalated: it is reviewed sooner.",
                        text_of(grant, "inShift"));
  }
  return text;
}

object wish_of(const std::string& reason, const std::string& words, unsigned minutes) {
  object wish{{"reason", reason}, {"words", words}};
  if (minutes > 0) wish["minutes"] = minutes;
  return wish;
}

/// Which reasons there are, where none was given.
Result<Exit> ask_for_reason(AdminClient& client) {
  const Json reasons = TRY(client.get("/break-glass/v1/reasons"));
  std::string known;
  for (const Json& each : reasons.at("items").as_array()) {
    known += fmt::format("{}`{}` ({})", known.empty() ? "" : ", ", text_of(each, "code"),
                         text_of(each, "about"));
  }
  return invalid(
      fmt::format("say why with `--reason CODE \"WORDS\"`; the codes here are {}", known));
}

Result<Exit> break_glass(const BreakGlassOptions& options, const Output& output) {
  if (options.patient.empty() == options.device.empty()) {
    return invalid("name a `--patient` or a `--device`, and not both");
  }
  const auto client = TRY(AdminClient::open(options.server));
  if (options.reason.empty() || options.words.empty()) return ask_for_reason(*client);
  object wish = wish_of(options.reason, options.words, options.minutes);
  if (options.patient.empty()) {
    wish["device"] = options.device;
  } else {
    wish["patient"] = options.patient;
  }
  const Json grant = TRY(client->change("POST", std::string(kGrants), std::move(wish), {}));
  output.print(grant, grant_text(grant));
  return Exit::kOk;
}

std::string path_of(const GrantOptions& options, std::string_view step) {
  return fmt::format("{}/{}/{}", kGrants, net::percent_encoded(options.id), step);
}

Result<Exit> list_grants(const GrantOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get(fmt::format("{}{}", kGrants, options.is_of_all ? "" : "/mine")));
  std::vector<std::vector<std::string>> rows = {
      {"grant", "state", "for", "actions", "reason", "opened", "until"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "id"), text_of(each, "state"), target_of(each),
                    joined(each.at("actions")), text_of(each, "reason"), text_of(each, "openedAt"),
                    text_of(each, "expiresAt")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("there is no grant");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> renew_grant(const GrantOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  if (options.reason.empty() || options.words.empty()) return ask_for_reason(*client);
  const Json grant =
      TRY(client->change("POST", path_of(options, "renew"),
                         wish_of(options.reason, options.words, options.minutes), {}));
  output.print(grant, grant_text(grant));
  return Exit::kOk;
}

Result<Exit> finish(const GrantOptions& options, std::string_view step, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body;
  if (!options.words.empty()) body["words"] = options.words;
  const Json grant = TRY(client->change("POST", path_of(options, step), std::move(body), {}));
  output.print(grant, fmt::format("the grant for {} is over since {}", target_of(grant),
                                  text_of(grant, "endedAt")));
  return Exit::kOk;
}

Result<Exit> end_grant(const GrantOptions& options, const Output& output) {
  return finish(options, "end", output);
}

Result<Exit> revoke_grant(const GrantOptions& options, const Output& output) {
  if (options.words.empty()) return invalid("say why with `--words`: its person wants to know");
  return finish(options, "revoke", output);
}

constexpr std::string_view kReviews = "/break-glass/v1/reviews";

Result<Exit> list_reviews(AdminClient& client, const ReviewOptions& options, const Output& output) {
  const Json all =
      TRY(client.get(fmt::format("{}{}", kReviews, options.is_of_all ? "?all=true" : "")));
  std::vector<std::vector<std::string>> rows = {{"grant", "of", "reviewer", "due", "late"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "grant"), text_of(each, "person"), text_of(each, "reviewer"),
                    text_of(each, "dueAt"), text_of(each, "late")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("no review waits for you");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

/// What somebody must know to judge it.
std::string review_text(const Json& review) {
  const Json& grant = review.at("grantDetails");
  std::string text = fmt::format(
      "{} broke the glass for {}: {}, from {} until {}\nreason: {}: {}\nreview: {}, due {}\n",
      text_of(review, "person"), target_of(grant), joined(grant.at("actions")),
      text_of(grant, "openedAt"), text_of(grant, "expiresAt"), text_of(grant, "reason"),
      text_of(grant, "words"), text_of(review, "state"), text_of(review, "dueAt"));
  if (const auto* const accesses = review.as_object().if_contains("accesses")) {
    std::vector<std::vector<std::string>> rows = {{"at", "action", "what", "patient", "record"}};
    for (const Json& each : accesses->as_array()) {
      rows.push_back(
          {text_of(each, "at"), text_of(each, "action"),
           fmt::format("{} {}", text_of(each, "resourceType"), text_of(each, "resource")),
           text_of(each, "patient"), text_of(each, "record")});
    }
    text += rows.size() == 1 ? "nothing was done under it" : table_text(rows).render(false);
  }
  return text;
}

Result<Exit> show_statistics(AdminClient& client, const Output& output) {
  const Json all = TRY(client.get(fmt::format("{}/statistics", kReviews)));
  std::vector<std::vector<std::string>> rows = {{"unit", "outcome", "late", "count"}};
  for (const Json& each : all.at("counts").as_array()) {
    rows.push_back({text_of(each, "unit"), text_of(each, "outcome"), text_of(each, "late"),
                    text_of(each, "count")});
  }
  std::string text = table_text(rows).render(false);
  for (const Json& ring : all.at("rings").as_array()) {
    text += fmt::format("\nreviewed each other: {}", joined(ring));
  }
  output.print(all, text);
  return Exit::kOk;
}

Result<Exit> review(const ReviewOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  if (options.wants_statistics) return show_statistics(*client, output);
  if (options.id.empty()) return list_reviews(*client, options, output);
  const std::string path = fmt::format("{}/{}", kReviews, net::percent_encoded(options.id));
  if (options.outcome.empty()) {
    const Json shown = TRY(client->get(path));
    output.print(shown, review_text(shown));
    return Exit::kOk;
  }
  object word{{"outcome", options.outcome}};
  if (!options.words.empty()) word["words"] = options.words;
  const Json signed_one = TRY(client->change("POST", path, std::move(word), {}));
  output.print(signed_one,
               fmt::format("signed by {} at {}: {}", text_of(signed_one.at("signature"), "name"),
                           text_of(signed_one.at("signature"), "signedAt"), options.outcome));
  return Exit::kOk;
}

constexpr char kReasonAbout[] = "why: one of the codes that the configuration has";
constexpr char kWordsAbout[] = "why, in this case: at most 1000 characters; goes on record";
constexpr char kMinutesAbout[] = "how long it is needed (usually as the configuration has it)";
constexpr unsigned kMostMinutes = 24 * 60;

/// Those behind `break-glass` itself.
void add_steps(Commands& group) {
  auto [list, list_options] = group.add<GrantOptions>("list", "List your grants, the latest first",
                                                      "  wardlock break-glass list", list_grants);
  list.flag("--all", list_options.is_of_all, "those of everybody that are open, where you may");
  add_server_options(list, list_options.server);
  auto [renew, renew_options] =
      group.add<GrantOptions>("renew", "Go on with a grant before it ends, with a new reason",
                              "  wardlock break-glass renew 0190e8a0-… --reason emergency \"still "
                              "in the operating theatre\"",
                              renew_grant);
  renew.option("grant", renew_options.id, "ID", "which one; see `list`", true)
      .option("words", renew_options.words, "WORDS", kWordsAbout)
      .option("--reason", renew_options.reason, "CODE", kReasonAbout)
      .number("--minutes", renew_options.minutes, 1, kMostMinutes, kMinutesAbout);
  add_server_options(renew, renew_options.server);
  auto [end, end_options] =
      group.add<GrantOptions>("end", "Give back a grant that is needed no more",
                              "  wardlock break-glass end 0190e8a0-…", end_grant);
  end.option("grant", end_options.id, "ID", "which one; see `list`", true)
      .option("--words", end_options.words, "WORDS", "what was done; goes on record");
  add_server_options(end, end_options.server);
  auto [revoke, revoke_options] = group.add<GrantOptions>(
      "revoke", "End somebody else's grant",
      "  wardlock break-glass revoke 0190e8a0-… --words \"not her patient\"", revoke_grant);
  revoke.option("grant", revoke_options.id, "ID", "which one; see `list --all`", true)
      .option("--words", revoke_options.words, "WORDS", "why; goes on record");
  add_server_options(revoke, revoke_options.server);
  auto [look, look_options] = group.add<ReviewOptions>(
      "review", "See what others did under grants, and sign what you found",
      "  wardlock break-glass review\n"
      "  wardlock break-glass review 0190e8a0-…\n"
      "  wardlock break-glass review 0190e8a0-… --outcome misuse \"a neighbour, and no "
      "emergency\"\n"
      "To sign, have signed in within the last five minutes.",
      review);
  look.option("grant", look_options.id, "ID", "of which grant; without it, those that wait for you")
      .option("words", look_options.words, "WORDS", "what was found; needed unless appropriate")
      .option("--outcome", look_options.outcome, "OUTCOME",
              "sign it: appropriate, follow-up or misuse")
      .flag("--all", look_options.is_of_all, "all that wait, also for others")
      .flag("--statistics", look_options.wants_statistics,
            "how reviews went, by unit, and who reviewed each other");
  add_server_options(look, look_options.server);
}

}  // namespace

void add_break_glass(Commands& commands) {
  auto [command, options] = commands.add<BreakGlassOptions>(
      "break-glass", "Get access in an emergency, for one patient or device, for some hours",
      "  wardlock break-glass --patient p-200 --reason emergency \"found unconscious\"\n"
      "  wardlock break-glass list\n"
      "What you do under it is on record, and somebody else reviews it.",
      break_glass);
  command.option("words", options.words, "WORDS", kWordsAbout)
      .option("--patient", options.patient, "NAME", "for whom: record number, name in policies, id")
      .option("--device", options.device, "NAME", "or which: serial number, name in policies, id")
      .option("--reason", options.reason, "CODE", kReasonAbout)
      .number("--minutes", options.minutes, 1, kMostMinutes, kMinutesAbout);
  add_server_options(command, options.server);
  Commands group = commands.behind(command);
  add_steps(group);
}

}  // namespace wardlock::cli
