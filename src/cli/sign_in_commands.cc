#include "cli/sign_in_commands.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::Schema;

struct SignInOptions {
  const Schema* schema = nullptr;
  ServerOptions server;
  std::string name;
  std::string session;
  std::string reason;
  std::string token_to;
  std::string issuer;
  std::string subject;
  std::string label;
  bool is_approved = false;
  bool is_refused = false;
  bool wants_code = false;
};

std::string path_of(const SignInOptions& options, const Json& person) {
  return fmt::format("{}/{}", options.schema->collection, text_of(person, "id"));
}

ChangeOptions why(const SignInOptions& options) { return {.reason = options.reason}; }

std::string joined(const Json& words) {
  std::string out;
  for (const Json& each : words.as_array()) {
    out += (out.empty() ? "" : ",") + std::string(each.as_string());
  }
  return out;
}

Result<Exit> list_sessions(const SignInOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json person = TRY(find_thing(*client, *options.schema, options.name));
  const Json all = TRY(client->get(path_of(options, person) + "/sessions"));
  std::vector<std::vector<std::string>> rows = {
      {"id", "where", "level", "methods", "since", "until"}};
  for (const Json& each : all.at("items").as_array()) {
    const bool is_session = text_of(each, "kind") == "session";
    const bool is_locked = text_of(each, "locked") == "true";
    const std::string client_name = text_of(each, "clientName");
    const std::string where = is_session
                                  ? text_of(each, "environment") + (is_locked ? ", locked" : "")
                              : client_name.empty() ? text_of(each, "client")
                                                    : client_name;
    rows.push_back({text_of(each, "id"), where, text_of(each, "level"), joined(each.at("methods")),
                    text_of(each, "startedAt"), text_of(each, "endsAt")});
  }
  if (!output.is_json() && rows.size() == 1) {
    output.note(fmt::format("{} is signed in nowhere", name_of(person)));
  }
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> sign_out(const SignInOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json person = TRY(find_thing(*client, *options.schema, options.name));
  const std::string path = path_of(options, person);
  const Json ended = options.session.empty()
                         ? TRY(client->change("POST", path + "/sign-out", {}, why(options)))
                         : TRY(client->change("POST",
                                              fmt::format("{}/sessions/{}/end", path,
                                                          net::percent_encoded(options.session)),
                                              {}, why(options)));
  output.print(ended,
               fmt::format("{} sessions of {} ended", text_of(ended, "ended"), name_of(person)));
  return Exit::kOk;
}

std::string recovery_text(const Json& recovery, const std::string& name) {
  const bool is_approved = text_of(recovery, "state") == "approved";
  return fmt::format(
      "the recovery of {0} waits until {1}: {2}", name, text_of(recovery, "until"),
      is_approved
          ? fmt::format("whoever asked gets the code with `wardlock user recover {} --code`", name)
          : fmt::format("somebody else approves it with `wardlock user recover {} --approve`",
                        name));
}

/// The one of the person that waits; nothing: none does, of those that who asks may see.
Result<Json> find_recovery(AdminClient& client, const Json& person) {
  const Json all = TRY(client.get("recoveries"));
  for (const Json& each : all.at("items").as_array()) {
    if (text_of(each, "person") == text_of(person, "id")) return each;
  }
  return fail(
      ErrorCode::kNotFound,
      fmt::format("no recovery of `{}` waits; it may be answered, or too old: ask anew with "
                  "`--reason`",
                  name_of(person)));
}

Result<Exit> ask(AdminClient& client, const SignInOptions& options, const Json& person,
                 const Output& output) {
  if (options.reason.empty()) {
    return invalid("say with `--reason` how they were recognised: it is on record");
  }
  const Json asked =
      TRY(client.change("POST", path_of(options, person) + "/recovery", {}, why(options)));
  output.print(asked, recovery_text(asked, name_of(person)));
  return Exit::kOk;
}

Result<Exit> print_code(Json code, const SignInOptions& options, const Json& person,
                        const Output& output) {
  std::string text = fmt::format("{} enters it at /account/enrol until {}", name_of(person),
                                 text_of(code, "expiresAt"));
  if (options.token_to.empty()) {
    text = fmt::format("code: {}\n{}; it is shown this once", text_of(code, "token"), text);
  } else {
    PrivateFile file = TRY(PrivateFile::create(options.token_to));
    TRY_VOID(file.write(text_of(code, "token") + "\n"));
    TRY_VOID(file.finish());
    code.as_object().erase("token");
    code.as_object()["tokenFile"] = options.token_to;
    text = fmt::format("code: in {}\n{}", options.token_to, text);
  }
  output.print(code, text);
  return Exit::kOk;
}

Result<Exit> recover(const SignInOptions& options, const Output& output) {
  const int steps = int{options.is_approved} + int{options.is_refused} + int{options.wants_code};
  if (steps > 1) return invalid("`--approve`, `--refuse` and `--code` exclude each other");
  const auto client = TRY(AdminClient::open(options.server));
  const Json person = TRY(find_thing(*client, *options.schema, options.name));
  if (steps == 0) return ask(*client, options, person, output);
  const Json recovery = TRY(find_recovery(*client, person));
  const char* const step = options.is_approved ? "approve" : options.is_refused ? "refuse" : "code";
  Json answer = TRY(client->change(
      "POST", fmt::format("recoveries/{}/{}", text_of(recovery, "id"), step), {}, why(options)));
  if (options.wants_code) return print_code(std::move(answer), options, person, output);
  output.print(answer, options.is_approved
                           ? recovery_text(answer, name_of(person))
                           : fmt::format("the recovery of {} is refused", name_of(person)));
  return Exit::kOk;
}

Result<Exit> list_recoveries(const SignInOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get("recoveries"));
  std::vector<std::vector<std::string>> rows = {{"person", "state", "asked by", "until", "reason"}};
  for (const Json& each : all.at("items").as_array()) {
    const Json person =
        TRY(client->get(fmt::format("{}/{}", options.schema->collection, text_of(each, "person"))));
    rows.push_back({name_of(person), text_of(each, "state"), text_of(each, "askedBy"),
                    text_of(each, "until"), text_of(each, "reason")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("no recovery waits");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> link(const SignInOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json person = TRY(find_thing(*client, *options.schema, options.name));
  object body{{"issuer", options.issuer}, {"subject", options.subject}};
  if (!options.label.empty()) body["label"] = options.label;
  const Json linked = TRY(client->change("POST", path_of(options, person) + "/linked-accounts",
                                         std::move(body), why(options)));
  output.print(linked, fmt::format("{} signs in at {} as `{}`, too", name_of(person),
                                   options.issuer, options.subject));
  return Exit::kOk;
}

class SignInGroup {
 public:
  SignInGroup(Commands& group, const Schema& schema) : group_(group), schema_(schema) {}

  void add_all() {
    add("sessions", "List where they are signed in", "grey", list_sessions);
    auto [out, out_options] =
        add("sign-out", "End their sessions at once, and what applications have in their name",
            "grey --reason \"laptop lost\"", sign_out);
    out.option("--session", out_options.session, "ID",
               "this one alone, of those that `sessions` lists")
        .option("--reason", out_options.reason, "TEXT", "why; goes on record");
    auto [again, again_options] =
        add("recover",
            "Let somebody in again who can sign in no more: one asks, another approves, the first "
            "gets a "
            "code for them",
            "grey --reason \"came with their passport\"\n  wardlock user recover grey --approve\n"
            "  wardlock user recover grey --code",
            recover);
    again
        .option("--reason", again_options.reason, "TEXT",
                "how they were recognised; goes on record")
        .flag("--approve", again_options.is_approved, "approve what somebody else asked for")
        .flag("--refuse", again_options.is_refused, "let nobody in")
        .flag("--code", again_options.wants_code,
              "get the code, where you asked and somebody else has approved it; it is shown once")
        .option("--token-to", again_options.token_to, "FILE",
                "write the code there, for its owner alone, and show it nowhere");
    auto [linked, link_options] =
        add("link", "Say which account at another identity provider is theirs",
            "grey --issuer https://login.st-mary.example/realm --subject 3f2a", link);
    linked
        .option("--issuer", link_options.issuer, "URL",
                "of the provider, as `authentication.providers` has it", true)
        .option("--subject", link_options.subject, "TEXT",
                "`sub` of the account there, to the letter", true)
        .option("--label", link_options.label, "TEXT", "what the person sees it as")
        .option("--reason", link_options.reason, "TEXT", "why; goes on record");
    add("recoveries", "List those who wait to be let in again", "", list_recoveries, false);
  }

 private:
  std::pair<CommandBuilder, SignInOptions&> add(
      const char* name, const char* about, const char* arguments,
      Result<Exit> (*run)(const SignInOptions&, const Output&), bool has_name = true) {
    const std::string example =
        fmt::format("  wardlock {} {} {}", word_for(schema_), name, arguments);
    auto made = group_.add<SignInOptions>(name, about, example.c_str(), run);
    made.second.schema = &schema_;
    if (has_name) {
      made.first.option("name", made.second.name, "NAME", "who: what they are called, or their id",
                        true);
    }
    add_server_options(made.first, made.second.server);
    return made;
  }

  Commands& group_;
  const Schema& schema_;
};

}  // namespace

void add_sign_in_commands(Commands& group, const Schema& schema) {
  SignInGroup(group, schema).add_all();
}

}  // namespace wardlock::cli
