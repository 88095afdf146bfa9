#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/request_commands.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"

// Asking for roles, and for others' agreement, at the command line: docs/access-requests.md.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::string_view kRequests = "/requests/v1/requests";
constexpr unsigned kMostMinutes = 7 * 24 * 60;
constexpr unsigned kMostApprovalMinutes = 24 * 60;

struct RoleRequestOptions {
  ServerOptions server;
  std::string role;
  std::string location;
  std::string organisation;
  unsigned minutes = 0;
  std::string reason;
  std::string ticket;
};

struct ActionRequestOptions {
  ServerOptions server;
  std::string action;
  std::string device;
  std::string patient;
  std::string location;
  std::string organisation;
  unsigned minutes = 0;
  std::string reason;
  std::string ticket;
};

struct RequestListOptions {
  ServerOptions server;
  bool is_to_approve = false;
  bool is_standing = false;
  bool is_mine = false;
};

struct RequestAnswerOptions {
  ServerOptions server;
  std::string id;
  std::string words;
};

/// What people call it, else its id.
std::string named(const Json& request, std::string_view what) {
  const std::string name = text_of(request, std::string(what) + "Name");
  return name.empty() ? text_of(request, what) : name;
}

/// What is asked for: a role, or an action and what it is done to.
std::string what_text(const Json& request) {
  const std::string action = text_of(request, "action");
  if (!action.empty()) {
    return fmt::format("{} on {} {}", action, text_of(request, "targetKind"),
                       named(request, "target"));
  }
  const std::string place = named(request, "place");
  return fmt::format("{}{}{}", named(request, "role"), place.empty() ? "" : " at ", place);
}

std::string minutes_text(const Json& request) {
  return std::to_string(request.at("minutes").to_number<std::int64_t>());
}

/// All that there is to say of one, line by line.
std::string request_text(const Json& request) {
  std::string out =
      fmt::format("request: {}\n{} asks for {}, for {} minutes: {}\nstate: {}",
                  text_of(request, "id"), named(request, "person"), what_text(request),
                  minutes_text(request), text_of(request, "reason"), text_of(request, "state"));
  const auto add = [&](std::string_view what, const std::string& text) {
    if (!text.empty()) out += fmt::format("\n{}: {}", what, text);
  };
  add("ticket", text_of(request, "ticket"));
  if (text_of(request, "state") == "open") add("to be answered by", text_of(request, "answerBy"));
  const object& members = request.as_object();
  if (const Json* const signature = members.if_contains("signature")) {
    add(text_of(*signature, "meaning"),
        fmt::format("by {}, at {}", text_of(*signature, "name"), text_of(*signature, "signedAt")));
  }
  add("words", text_of(request, "words"));
  add("until", text_of(request, "endsAt"));
  add("closed", text_of(request, "closedAt"));
  return out;
}

/// `body`: what is particular to it.
template <typename Options>
Result<Exit> ask(object body, const Options& options, const Output& output) {
  body["reason"] = options.reason;
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) body[name] = text;
  };
  add("location", options.location);
  add("organisation", options.organisation);
  add("ticket", options.ticket);
  if (options.minutes != 0) body["minutes"] = options.minutes;
  const auto client = TRY(AdminClient::open(options.server));
  const Json asked = TRY(client->change("POST", std::string(kRequests), std::move(body), {}));
  output.print(asked, request_text(asked));
  return Exit::kOk;
}

Result<Exit> request_role(const RoleRequestOptions& options, const Output& output) {
  return ask({{"role", options.role}}, options, output);
}

Result<Exit> request_action(const ActionRequestOptions& options, const Output& output) {
  object body{{"action", options.action}};
  if (!options.device.empty()) body["device"] = options.device;
  if (!options.patient.empty()) body["patient"] = options.patient;
  return ask(std::move(body), options, output);
}

Result<Exit> list_requests(const RequestListOptions& options, const Output& output) {
  if (int{options.is_to_approve} + int{options.is_standing} + int{options.is_mine} > 1) {
    return invalid("say one of `--mine`, `--to-approve` and `--standing`");
  }
  const std::string_view which = options.is_to_approve ? "to-answer"
                                 : options.is_standing ? "standing"
                                                       : "mine";
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get(fmt::format("{}/{}", kRequests, which)));
  std::vector<std::vector<std::string>> rows = {
      {"request", "state", "who", "what", "minutes", "until", "reason"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "id"), text_of(each, "state"), named(each, "person"),
                    what_text(each), minutes_text(each), text_of(each, "endsAt"),
                    text_of(each, "reason")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("there is no request");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> show_request(const RequestAnswerOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json found =
      TRY(client->get(fmt::format("{}/{}", kRequests, net::percent_encoded(options.id))));
  output.print(found, request_text(found));
  return Exit::kOk;
}

Result<Exit> answer_request(const RequestAnswerOptions& options, const Output& output,
                            std::string_view verb) {
  const auto client = TRY(AdminClient::open(options.server));
  object body;
  if (!options.words.empty()) body["words"] = options.words;
  const Json answered = TRY(client->change(
      "POST", fmt::format("{}/{}/{}", kRequests, net::percent_encoded(options.id), verb),
      std::move(body), {}));
  output.print(answered, request_text(answered));
  return Exit::kOk;
}

Result<Exit> approve_request(const RequestAnswerOptions& options, const Output& output) {
  return answer_request(options, output, "approve");
}

Result<Exit> refuse_request(const RequestAnswerOptions& options, const Output& output) {
  return answer_request(options, output, "refuse");
}

Result<Exit> withdraw_request(const RequestAnswerOptions& options, const Output& output) {
  return answer_request(options, output, "withdraw");
}

Result<Exit> end_requested(const RequestAnswerOptions& options, const Output& output) {
  return answer_request(options, output, "end");
}

void add_role(Commands& group) {
  auto [role, options] = group.add<RoleRequestOptions>(
      "role", "Ask for a role, for a while",
      "  wardlock request role Physician --minutes 240 --reason \"covering for Dr. Grey\"\n"
      "  wardlock request role Technician --location ward-7 --reason \"pump SN-7\" --ticket T-481",
      request_role);
  role.option("role", options.role, "NAME", "which role: its name or id", true)
      .option("--location", options.location, "NAME", "there alone: a place's code or id")
      .option("--organisation", options.organisation, "NAME", "there alone: code or id")
      .number("--minutes", options.minutes, 1, kMostMinutes, "for how long (usually 60)")
      .option("--reason", options.reason, "WORDS", "what it is needed for; goes on record", true)
      .option("--ticket", options.ticket, "ID", "for which ticket");
  add_server_options(role, options.server);
}

void add_action(Commands& group) {
  auto [action, options] = group.add<ActionRequestOptions>(
      "action", "Ask somebody else to agree to one action on one thing, for a while",
      "  wardlock request action updateFirmware --device SN-7 --reason \"recall 2026-7\"\n"
      "  wardlock request action configure --device SN-7 --reason \"new limits\" --ticket T-481",
      request_action);
  action.option("action", options.action, "NAME", "which action, as policies name it", true)
      .option("--device", options.device, "NAME", "on that device: its serial number or id")
      .option("--patient", options.patient, "NAME", "for that patient: record number or id")
      .option("--location", options.location, "NAME", "in that place: its code or id")
      .option("--organisation", options.organisation, "NAME", "in that one: its code or id")
      .number("--minutes", options.minutes, 1, kMostApprovalMinutes, "for how long (usually 60)")
      .option("--reason", options.reason, "WORDS", "what it is needed for; goes on record", true)
      .option("--ticket", options.ticket, "ID", "for which ticket; policies see it");
  add_server_options(action, options.server);
}

void add_list(Commands& group) {
  auto [list, options] = group.add<RequestListOptions>(
      "list", "List what you asked for, the latest first; or what others did",
      "  wardlock request list\n  wardlock request list --to-approve\n"
      "  wardlock request list --standing",
      list_requests);
  list.flag("--mine", options.is_mine, "what you asked for; so it is without an option")
      .flag("--to-approve", options.is_to_approve, "what waits, and you may answer")
      .flag("--standing", options.is_standing, "who has what for a while, where you may");
  add_server_options(list, options.server);
}

void add_answers(Commands& group) {
  const auto add = [&](const char* name, const char* about, const char* example,
                       Result<Exit> (*run)(const RequestAnswerOptions&, const Output&),
                       bool has_words) {
    auto [command, options] = group.add<RequestAnswerOptions>(name, about, example, run);
    command.option("request", options.id, "ID", "which one; see `list`", true);
    if (has_words) command.option("--words", options.words, "WORDS", "why; goes on record");
    add_server_options(command, options.server);
  };
  add("show", "Show a request, who answered, and until when", "  wardlock request show 0190e8a0-…",
      show_request, false);
  add("approve", "Give what somebody asks for, and sign it: sign in just before",
      "  wardlock request approve 0190e8a0-…", approve_request, true);
  add("refuse", "Refuse what somebody asks for, say why, and sign it",
      "  wardlock request refuse 0190e8a0-… --words \"ask your ward\"", refuse_request, true);
  add("withdraw", "Withdraw what you asked for", "  wardlock request withdraw 0190e8a0-…",
      withdraw_request, false);
  add("end", "Give back what was given, or take it away, before its time is over",
      "  wardlock request end 0190e8a0-…", end_requested, true);
}

}  // namespace

void add_request(Commands& commands) {
  Commands group =
      commands.group("request", "Ask for a role or an approval for a while, and answer who asks");
  add_role(group);
  add_action(group);
  add_list(group);
  add_answers(group);
}

}  // namespace wardlock::cli
