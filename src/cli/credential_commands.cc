#include "cli/credential_commands.h"

#include <fmt/format.h>

#include "cli/admin_client.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "cli/thing_values.h"
#include "directory/registry/credential.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::Schema;

constexpr unsigned kMostOverlapSeconds = 30U * 24 * 3600;

struct CredentialOptions {
  const Schema* schema = nullptr;
  ServerOptions server;
  ChangeOptions change;
  std::string name;
  std::string credential;
  std::string label;
  std::string expires;
  std::string fingerprint;
  std::string token_to;
  std::string since;
  unsigned overlap = 3600;
  bool wants_new = false;
};

/// Whom it is about, and where.
struct Holder {
  Json thing;
  std::string path;  ///< `services/ID`
};

Result<Holder> find_holder(AdminClient& client, const CredentialOptions& options) {
  Json thing = TRY(find_thing(client, *options.schema, options.name));
  std::string path = fmt::format("{}/{}", options.schema->collection, text_of(thing, "id"));
  return Holder{.thing = std::move(thing), .path = std::move(path)};
}

Result<object> wanted(const CredentialOptions& options) {
  object body;
  if (!options.label.empty()) body["label"] = options.label;
  if (!options.expires.empty()) body["expiresAt"] = TRY(read_time(options.expires));
  if (!options.fingerprint.empty()) {
    body["form"] = "certificate";
    body["fingerprint"] = options.fingerprint;
  }
  return body;
}

/// A token is shown once: to standard output, or where it is to be kept. Takes it out of what is
/// printed where it went to a file.
Result<std::string> hand_over(Json& issued, const std::string& path) {
  const std::string token = text_of(issued, "token");
  if (token.empty()) return std::string();
  if (path.empty()) return fmt::format("\ntoken: {}", token);
  PrivateFile file = TRY(PrivateFile::create(path));
  TRY_VOID(file.write(token + "\n"));
  TRY_VOID(file.finish());
  issued.as_object().erase("token");
  issued.as_object()["tokenFile"] = path;
  return fmt::format("\ntoken: in {}", path);
}

std::string described(const Json& credential) {
  const std::string label = text_of(credential, "label");
  return fmt::format("credential {}{} is {}, until {}", text_of(credential, "id"),
                     label.empty() ? "" : " (" + label + ")", text_of(credential, "state"),
                     text_of(credential, "expiresAt"));
}

/// The one that is meant; where none is named, the only one that is good.
Result<std::string> find_credential(AdminClient& client, const Holder& holder,
                                    const std::string& word) {
  const Json all = TRY(client.get(holder.path + "/credentials"));
  std::vector<std::string> found;
  for (const Json& each : all.at("items").as_array()) {
    const bool is_meant =
        word.empty() ? text_of(each, "state") == "good"
                     : text_of(each, "id") == word ||
                           (text_of(each, "label") == word && text_of(each, "state") == "good");
    if (is_meant) found.push_back(text_of(each, "id"));
  }
  if (found.size() == 1) return found.front();
  return invalid(
      fmt::format("`{}` has {} such credentials: name one of those that `credentials` lists",
                  name_of(holder.thing), found.empty() ? "no" : "several"));
}

Result<Exit> list(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Holder holder = TRY(find_holder(*client, options));
  const Json all = TRY(client->get(holder.path + "/credentials"));
  std::vector<std::vector<std::string>> rows = {
      {"id", "label", "form", "state", "expires", "last used"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "id"), text_of(each, "label"), text_of(each, "form"),
                    text_of(each, "state"), text_of(each, "expiresAt"),
                    text_of(each, "lastUsedAt")});
  }
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Exit print_issued(const Json& issued, const std::string& token, const Output& output) {
  output.print(issued, described(issued.at("credential")) + token + revision_line(issued));
  return Exit::kOk;
}

Result<Exit> issue(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body = TRY(wanted(options));
  const Holder holder = TRY(find_holder(*client, options));
  Json issued =
      TRY(client->change("POST", holder.path + "/credentials", std::move(body), options.change));
  const std::string token = TRY(hand_over(issued, options.token_to));
  return print_issued(issued, token, output);
}

Result<Exit> rotate(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body = TRY(wanted(options));
  body["overlapSeconds"] = options.overlap;
  const Holder holder = TRY(find_holder(*client, options));
  const std::string id = TRY(find_credential(*client, holder, options.credential));
  Json issued = TRY(client->change("POST", fmt::format("{}/credentials/{}/rotate", holder.path, id),
                                   std::move(body), options.change));
  const std::string token = TRY(hand_over(issued, options.token_to));
  return print_issued(issued, token, output);
}

Result<Exit> revoke(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Holder holder = TRY(find_holder(*client, options));
  const std::string id = TRY(find_credential(*client, holder, options.credential));
  const Json revoked = TRY(client->change(
      "POST", fmt::format("{}/credentials/{}/revoke", holder.path, id), {}, options.change));
  output.print(revoked, described(revoked) + revision_line(revoked));
  return Exit::kOk;
}

Result<Exit> invite(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body;
  if (!options.expires.empty()) body["expiresAt"] = TRY(read_time(options.expires));
  const Holder holder = TRY(find_holder(*client, options));
  Json invited =
      TRY(client->change("POST", holder.path + "/invitation", std::move(body), options.change));
  const std::string token = TRY(hand_over(invited, options.token_to));
  output.print(invited, fmt::format("`{}` enrols at /account/enrol until {}{}",
                                    name_of(holder.thing), text_of(invited, "expiresAt"), token));
  return Exit::kOk;
}

std::string trace_line(const Json& record) {
  const auto* const members = record.if_object();
  const Json* const resource = members == nullptr ? nullptr : members->if_contains("resource");
  std::string line = fmt::format("\n  {} {} {} {}", text_of(record, "at"), text_of(record, "what"),
                                 text_of(record, "action"), text_of(record, "outcome"));
  if (resource != nullptr) {
    line += fmt::format(" {}::{}", text_of(*resource, "type"), text_of(*resource, "id"));
  }
  if (const auto from = text_of(record, "sourceAddress"); !from.empty()) line += " from " + from;
  return line;
}

std::string leak_text(const Json& answer, const std::string& name) {
  const object& touched = answer.at("touched").as_object();
  std::string text =
      fmt::format("{} credentials of {} are revoked", text_of(answer, "revoked"), name);
  if (const std::string ended = text_of(answer, "signedOut"); !ended.empty() && ended != "0") {
    text += fmt::format(", and {} sessions ended", ended);
  }
  for (const char* why : {"withheld", "error"}) {
    if (touched.contains(why))
      text += fmt::format("\nwhat was done with them is not told: {}", text_of(touched, why));
  }
  const auto count = [&touched](const char* list) {
    const Json* const found = touched.if_contains(list);
    return found != nullptr && found->is_array() ? found->get_array().size() : 0;
  };
  if (!touched.contains("relations")) return text;
  text += fmt::format(
      "\nsince {} it made {} relations and {} credentials that still count (`--json` has them)",
      text_of(touched, "since"), count("relations"), count("credentials"));
  const Json* const records = touched.if_contains("records");
  if (records == nullptr) return text + "\nthere is no audit log to ask what else it did";
  text += fmt::format("\nrecords of the audit log: {}{}", count("records"),
                      text_of(touched, "areAllRecords") == "true" ? "" : ", and there are more");
  for (const Json& record : records->as_array()) text += trace_line(record);
  return text;
}

Result<Exit> leaked(const CredentialOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body = TRY(wanted(options));
  if (options.wants_new) body["issue"] = true;
  if (!options.since.empty()) body["since"] = TRY(read_time(options.since));
  const Holder holder = TRY(find_holder(*client, options));
  Json answer = TRY(client->change("POST", holder.path + "/leak", std::move(body), options.change));
  std::string text = leak_text(answer, name_of(holder.thing));
  if (Json* const issued = answer.as_object().if_contains("issued")) {
    text += "\n" + described(issued->at("credential"));
    text += TRY(hand_over(*issued, options.token_to));
  }
  output.print(answer, text + revision_line(answer));
  return Exit::kOk;
}

class CredentialGroup {
 public:
  CredentialGroup(Commands& group, const Schema& schema)
      : group_(group), schema_(schema), word_(word_for(schema)) {}

  void add_all() {
    add("credentials", "List its credentials; never their secrets", "NAME", list);
    auto [issue_command, issue_options] =
        add("issue", "Give it a credential: a token, shown once, or a certificate's fingerprint",
            "NAME --token-to gateway.token", issue);
    add_wanted(issue_command, issue_options, true);
    add_change_options(issue_command, issue_options.change);
    add_rotate();
    add_revoke();
    add_leaked();
    if (schema_.kind == directory::Kind::kPerson) add_enrol();
  }

 private:
  std::pair<CommandBuilder, CredentialOptions&> add(const char* name, const char* about,
                                                    const char* arguments,
                                                    Result<Exit> (*run)(const CredentialOptions&,
                                                                        const Output&)) {
    const std::string example = fmt::format("  wardlock {} {} {}", word_, name, arguments);
    auto made = group_.add<CredentialOptions>(name, about, example.c_str(), run);
    made.second.schema = &schema_;
    made.first.option("name", made.second.name, "NAME", "whose: what it is called, or its id",
                      true);
    add_server_options(made.first, made.second.server);
    return made;
  }

  static void add_wanted(CommandBuilder& command, CredentialOptions& options, bool any_form) {
    command.option("--label", options.label, "TEXT", "which of them it is, for people")
        .option("--expires", options.expires, "TIME", "when it ends, e.g. 2027-01-31")
        .option("--token-to", options.token_to, "FILE",
                "write the token there, for its owner alone, and show it nowhere");
    if (any_form) {
      command.option("--fingerprint", options.fingerprint, "SHA256",
                     "of a certificate, instead of a token: sha256: and 64 digits");
    }
  }

  void add_rotate() {
    auto [command, options] =
        add("rotate", "Put another credential in the place of one, which counts for a while yet",
            "NAME --overlap 600 --token-to gateway.token", rotate);
    command
        .option("credential", options.credential, "ID",
                "its id or label; not needed where only one is good")
        .number("--overlap", options.overlap, 0, kMostOverlapSeconds,
                "how many seconds the one before counts yet (default: 3600)");
    add_wanted(command, options, true);
    add_change_options(command, options.change);
  }

  void add_revoke() {
    auto [command, options] =
        add("revoke", "Revoke a credential at once", "NAME ID --reason \"laptop lost\"", revoke);
    command.option("credential", options.credential, "ID",
                   "its id or label; not needed where only one is good");
    add_change_options(command, options.change);
  }

  void add_enrol() {
    auto [command, options] =
        add("enrol", "Give somebody who cannot sign in yet a code to enrol with, shown once",
            "NAME --token-to code.txt", invite);
    command.option("--expires", options.expires, "TIME", "until when it is good (default: a day)")
        .option("--token-to", options.token_to, "FILE",
                "write the code there, for its owner alone, and show it nowhere");
    add_change_options(command, options.change);
  }

  void add_leaked() {
    auto [command, options] =
        add("leaked",
            "A secret of it leaked: revoke all it has, issue another, list what was done with it",
            "NAME --issue --token-to gateway.token --reason \"found in a repository\"", leaked);
    command.flag("--issue", options.wants_new, "issue another token, too")
        .option("--since", options.since, "TIME",
                "list what was done from then on (default: since the oldest was issued)");
    add_wanted(command, options, false);
    add_change_options(command, options.change);
  }

  Commands& group_;
  const Schema& schema_;
  std::string word_;
};

}  // namespace

void add_credential_commands(Commands& group, const Schema& schema) {
  CredentialGroup(group, schema).add_all();
}

}  // namespace wardlock::cli
