#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "cli/admin_client.h"
#include "cli/delegation_commands.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "directory/model/moment.h"
#include "net/query_string.h"

// Delegations at the command line: docs/delegation.md.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::string_view kDelegations = "/delegations/v1/delegations";
constexpr std::int64_t kMinute = 60'000;

/// Who or what, by a name of one of some kinds.
struct NamedPlaces {
  std::string patient;
  std::string person;
  std::string organisation;
  std::string device;
  std::string location;

  /// Those that were given, as `{"patient": "MR-200"}` has it.
  object given() const {
    object all;
    for (const auto& [kind, name] :
         std::to_array<std::pair<const char*, const std::string&>>({{"patient", patient},
                                                                    {"person", person},
                                                                    {"organisation", organisation},
                                                                    {"device", device},
                                                                    {"location", location}})) {
      if (!name.empty()) all[kind] = name;
    }
    return all;
  }
};

struct DelegationGrantOptions {
  ServerOptions server;
  std::string to;
  NamedPlaces from;
  NamedPlaces target;
  std::string actions;
  std::string begins;
  std::string until;
  unsigned minutes = 0;
  std::string purpose;
  std::string ticket;
  std::string words;
  std::string passes_on;
  bool may_pass_on = false;
};

struct DelegationListOptions {
  ServerOptions server;
  NamedPlaces of;
};

struct DelegationRevokeOptions {
  ServerOptions server;
  std::string id;
  std::string words;
};

std::string party_text(const Json& party) {
  const auto& only = *party.as_object().begin();
  return fmt::format("{} {}", std::string_view(only.key()),
                     std::string_view(only.value().as_string()));
}

std::string actions_text(const Json& delegation) {
  std::string out;
  for (const Json& each : delegation.at("actions").as_array()) {
    out += (out.empty() ? "" : ", ") + std::string(each.as_string());
  }
  return out;
}

/// Who may do what for whom, until when, and how it is ended.
std::string delegation_text(const Json& delegation) {
  return fmt::format(
      "{} may {} for {} with the right of {}, from {} until {}\ndelegation: {}\nBoth of them can "
      "end it at any time: wardlock delegation revoke {}",
      party_text(delegation.at("to")), actions_text(delegation), party_text(delegation.at("for")),
      party_text(delegation.at("from")), text_of(delegation, "beginsAt"),
      text_of(delegation, "endsAt"), text_of(delegation, "id"), text_of(delegation, "id"));
}

boost::json::array split(std::string_view list) {
  boost::json::array all;
  while (!list.empty()) {
    const std::size_t end = list.find(',');
    if (end != 0) all.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return all;
}

Result<object> body_of(const DelegationGrantOptions& options) {
  if (options.until.empty() == (options.minutes == 0)) {
    return invalid("say until when, with `--until TIME` or `--minutes N`");
  }
  object from = options.from.given();
  object target = options.target.given();
  if (from.size() > 1) return invalid("one alone delegates: name one with `--from-…`");
  if (target.size() > 1) return invalid("it is for one: a `--patient`, `--device` or `--location`");
  object body{{"to", {{"person", options.to}}}, {"actions", split(options.actions)}};
  if (!from.empty()) body["from"] = std::move(from);
  if (!target.empty()) body["for"] = std::move(target);
  if (!options.begins.empty()) body["beginsAt"] = options.begins;
  const std::int64_t end = wall_clock_ms() + std::int64_t{options.minutes} * kMinute;
  body["endsAt"] = options.minutes == 0 ? options.until : directory::to_time_text(end);
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) body[name] = text;
  };
  add("purpose", options.purpose);
  add("ticket", options.ticket);
  add("words", options.words);
  add("passesOn", options.passes_on);
  if (options.may_pass_on) body["onward"] = true;
  return body;
}

Result<Exit> grant_delegation(const DelegationGrantOptions& options, const Output& output) {
  object body = TRY(body_of(options));
  const auto client = TRY(AdminClient::open(options.server));
  const Json made = TRY(client->change("POST", std::string(kDelegations), std::move(body), {}));
  output.print(made, delegation_text(made));
  return Exit::kOk;
}

Result<Exit> list_delegations(const DelegationListOptions& options, const Output& output) {
  const object of = options.of.given();
  if (of.size() > 1) return invalid("name one, or nobody for your own");
  std::string path = fmt::format("{}/mine", kDelegations);
  if (!of.empty()) {
    const auto& only = *of.begin();
    path = fmt::format("{}?{}={}", kDelegations, std::string_view(only.key()),
                       net::percent_encoded(std::string(only.value().as_string())));
  }
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get(path));
  std::vector<std::vector<std::string>> rows = {
      {"delegation", "state", "who", "with the right of", "for", "actions", "from", "until"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "id"), text_of(each, "state"), party_text(each.at("to")),
                    party_text(each.at("from")), party_text(each.at("for")), actions_text(each),
                    text_of(each, "beginsAt"), text_of(each, "endsAt")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("there is no delegation");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> revoke_delegation(const DelegationRevokeOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body;
  if (!options.words.empty()) body["words"] = options.words;
  const Json ended = TRY(client->change(
      "POST", fmt::format("{}/{}/revoke", kDelegations, net::percent_encoded(options.id)),
      std::move(body), {}));
  output.print(ended, fmt::format("the delegation to {} is over since {}",
                                  party_text(ended.at("to")), text_of(ended, "endedAt")));
  return Exit::kOk;
}

constexpr unsigned kMostMinutes = 31 * 24 * 60;

void add_grant(Commands& group) {
  auto [grant, options] = group.add<DelegationGrantOptions>(
      "grant", "Let somebody act with your right, or with that of a patient or organisation",
      "  wardlock delegation grant cole --location ward-7 --actions view,edit --minutes 480\n"
      "  wardlock delegation grant reyes --from-patient MR-100 --actions view --until "
      "2027-01-01T00:00:00Z\n"
      "  wardlock delegation grant fixit --from-organisation acme --device SN-7 --actions "
      "runDiagnostics --ticket T-481 --minutes 240",
      grant_delegation);
  grant.option("to", options.to, "NAME", "to whom: a person's user name or id", true)
      .option("--from-patient", options.from.patient, "NAME",
              "in the name of that patient: record number, name in policies, id")
      .option("--from-organisation", options.from.organisation, "NAME",
              "in the name of that organisation: code, id")
      .option("--patient", options.target.patient, "NAME", "for that patient")
      .option("--device", options.target.device, "NAME", "for that device: serial number, id")
      .option("--location", options.target.location, "NAME", "for all that is there: code, id")
      .option("--actions", options.actions, "NAMES", "which actions, separated by commas")
      .option("--from", options.begins, "TIME", "when it begins (RFC 3339; usually now)")
      .option("--until", options.until, "TIME", "when it ends (RFC 3339)")
      .number("--minutes", options.minutes, 1, kMostMinutes, "or how long it lasts from now on")
      .option("--purpose", options.purpose, "CODE", "for which purpose (HL7 v3 ActReason)")
      .option("--ticket", options.ticket, "ID", "for which ticket; an organisation's has one")
      .option("--words", options.words, "WORDS", "why; goes on record")
      .option("--passes-on", options.passes_on, "ID", "a delegation to you that you pass on")
      .flag("--onward", options.may_pass_on, "who gets it may pass it on");
  add_server_options(grant, options.server);
}

}  // namespace

void add_delegation(Commands& commands) {
  Commands group =
      commands.group("delegation", "Let others act with your right, see who does, and end it");
  add_grant(group);
  auto [list, list_options] = group.add<DelegationListOptions>(
      "list", "List the delegations that you gave or have, the latest first",
      "  wardlock delegation list\n  wardlock delegation list --patient MR-100", list_delegations);
  list.option("--patient", list_options.of.patient, "NAME", "those of that patient, where you may")
      .option("--person", list_options.of.person, "NAME", "those of or to that person")
      .option("--organisation", list_options.of.organisation, "NAME", "those of that organisation")
      .option("--device", list_options.of.device, "NAME", "those for that device")
      .option("--location", list_options.of.location, "NAME", "those for that place");
  add_server_options(list, list_options.server);
  auto [revoke, revoke_options] = group.add<DelegationRevokeOptions>(
      "revoke", "End a delegation at once",
      "  wardlock delegation revoke 0190e8a0-… --words \"back from leave\"", revoke_delegation);
  revoke.option("delegation", revoke_options.id, "ID", "which one; see `list`", true)
      .option("--words", revoke_options.words, "WORDS", "why; goes on record");
  add_server_options(revoke, revoke_options.server);
}

}  // namespace wardlock::cli
