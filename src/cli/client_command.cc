#include <fmt/format.h>

#include <array>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/suggestion.h"
#include "cli/admin_client.h"
#include "cli/client_invitation_commands.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "directory/model/schema.h"
#include "net/query_string.h"

// The clients of OAuth: docs/openid-connect.md.
namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

/// What describes a client, besides what a file says.
struct Description {
  std::string from;
  std::string name;
  std::string auth;
  std::string token_format;
  std::string thing;
  std::vector<std::string> redirects;
  std::vector<std::string> grants;
  std::vector<std::string> scopes;
  std::vector<std::string> audiences;
  bool is_native = false;
  bool asks_no_consent = false;
  bool may_introspect = false;
  bool binds_to_dpop = false;
};

struct ClientOptions {
  ServerOptions server;
  ChangeOptions change;
  Description description;
  std::string client;
  std::string secret_to;
  bool ends_others = false;
};

Json array_of(const std::vector<std::string>& words) {
  return boost::json::array(words.begin(), words.end());
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The long names of grants are nobody's to remember.
std::string grant_name(const std::string& word) {
  const bool is_short = word == "device_code" || word == "token-exchange";
  return is_short ? "urn:ietf:params:oauth:grant-type:" + word : word;
}

Result<object> read_description(AdminClient& client, const Description& said) {
  object out;
  if (!said.from.empty()) {
    Json file = TRY(load_json(said.from));
    if (!file.is_object()) return invalid(fmt::format("`{}` holds no JSON object", said.from));
    out = std::move(file.get_object());
  }
  const std::array<std::pair<const char*, const std::string*>, 3> texts = {
      {{"client_name", &said.name},
       {"token_endpoint_auth_method", &said.auth},
       {"access_token_format", &said.token_format}}};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) out[name] = *text;
  }
  if (!said.redirects.empty()) out["redirect_uris"] = array_of(said.redirects);
  if (!said.audiences.empty()) out["audiences"] = array_of(said.audiences);
  if (!said.scopes.empty()) out["scope"] = joined(said.scopes);
  if (!said.grants.empty()) {
    boost::json::array grants;
    for (const std::string& each : said.grants) grants.emplace_back(grant_name(each));
    out["grant_types"] = std::move(grants);
  }
  if (said.is_native) out["application_type"] = "native";
  if (said.asks_no_consent) out["require_consent"] = false;
  if (said.may_introspect) out["may_introspect"] = true;
  if (said.binds_to_dpop) out["dpop_bound_access_tokens"] = true;
  if (!said.thing.empty()) {
    constexpr directory::Kinds kThatAct = {directory::Kind::kService, directory::Kind::kAgent,
                                           directory::Kind::kDevice};
    out["directory_thing"] = text_of(TRY(find_thing(client, kThatAct, said.thing)), "id");
  }
  return out;
}

/// The one with that id or that name.
Result<Json> find_client(AdminClient& client, const std::string& word) {
  const Json all = TRY(client.get("oauth-clients"));
  std::vector<const Json*> found;
  std::vector<std::string> names;
  for (const Json& each : all.at("items").as_array()) {
    if (text_of(each, "client_id") == word) return each;
    names.push_back(text_of(each, "client_name"));
    if (names.back() == word) found.push_back(&each);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no OAuth client `{}`{}", word, suggestion(word, names)));
  }
  std::string ids;
  for (const Json* each : found) ids += " " + text_of(*each, "client_id");
  return invalid(fmt::format("`{}` could be one of several clients; name its id:{}", word, ids));
}

std::string path_of(const Json& client) {
  return "oauth-clients/" + net::percent_encoded(text_of(client, "client_id"));
}

std::string value_text(const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return codec::to_json_text(value);
  std::string out;
  for (const Json& each : value.get_array()) {
    out += (out.empty() ? "" : ", ") + value_text(each);
  }
  return out;
}

/// Its name and state, and a line for each of the rest; what is empty is left out.
StyledText client_text(const Json& client, bool is_dry_run) {
  const bool is_enabled = text_of(client, "enabled") == "true";
  const char* const state = is_enabled ? "enabled" : "disabled";
  StyledText out;
  out.add("client ").add(text_of(client, "client_name"), Style::kBold);
  out.add(is_dry_run ? fmt::format(" would be {}; nothing was changed", state)
                     : fmt::format(" is {}", state));
  for (const auto& member : client.as_object()) {
    const std::string_view name = member.key();
    if (name == "client_name" || name == "enabled") continue;
    const std::string value = value_text(member.value());
    if (value.empty() || value == "false" || value == "null") continue;
    out.add(fmt::format("\n  {:<20} ", name), Style::kDim).add(value);
  }
  return out;
}

/// A secret is shown once: to standard output, or where it is to be kept.
Result<void> hand_over(Json& client, const std::string& path) {
  const std::string secret = text_of(client, "client_secret");
  if (secret.empty() || path.empty()) return {};
  PrivateFile file = TRY(PrivateFile::create(path));
  TRY_VOID(file.write(secret + "\n"));
  TRY_VOID(file.finish());
  client.as_object().erase("client_secret");
  client.as_object()["secretFile"] = path;
  return {};
}

Result<Exit> print_client(Json client, const ClientOptions& options, const Output& output) {
  TRY_VOID(hand_over(client, options.secret_to));
  output.print(client, client_text(client, options.change.is_dry_run));
  return Exit::kOk;
}

Result<Exit> list(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get("oauth-clients"));
  std::vector<std::vector<std::string>> rows = {
      {"name", "id", "state", "entered", "proof", "scope"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "client_name"), text_of(each, "client_id"),
                    text_of(each, "enabled") == "true" ? "enabled" : "disabled",
                    text_of(each, "self_registered") == "true" ? "by itself" : "by the house",
                    text_of(each, "token_endpoint_auth_method"), text_of(each, "scope")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("there are no OAuth clients");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> show(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  return print_client(TRY(find_client(*client, options.client)), options, output);
}

Result<Exit> enter(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body = TRY(read_description(*client, options.description));
  body["client_name"] = options.client;
  Json made = TRY(client->change("POST", "oauth-clients", std::move(body), options.change));
  return print_client(std::move(made), options, output);
}

Result<Exit> change(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object body = TRY(read_description(*client, options.description));
  if (body.empty()) return invalid("say what is to change; `--help` lists what can");
  const Json before = TRY(find_client(*client, options.client));
  Json after = TRY(client->change("PATCH", path_of(before), std::move(body), options.change));
  return print_client(std::move(after), options, output);
}

Result<Exit> rotate(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json before = TRY(find_client(*client, options.client));
  object body;
  if (options.ends_others) body["endOthers"] = true;
  Json after =
      TRY(client->change("POST", path_of(before) + "/secret", std::move(body), options.change));
  return print_client(std::move(after), options, output);
}

Result<Exit> set_state(const ClientOptions& options, const char* state, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json before = TRY(find_client(*client, options.client));
  Json after =
      TRY(client->change("POST", path_of(before) + "/state", {{"state", state}}, options.change));
  return print_client(std::move(after), options, output);
}

Result<Exit> enable(const ClientOptions& options, const Output& output) {
  return set_state(options, "enabled", output);
}

Result<Exit> disable(const ClientOptions& options, const Output& output) {
  return set_state(options, "disabled", output);
}

Result<Exit> remove(const ClientOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json before = TRY(find_client(*client, options.client));
  Json answer = TRY(client->change("DELETE", path_of(before), {}, options.change));
  answer.as_object()["client_id"] = text_of(before, "client_id");
  output.print(answer, fmt::format("client {} {}{}", text_of(before, "client_name"),
                                   options.change.is_dry_run ? "would be removed" : "is removed",
                                   revision_line(answer)));
  return Exit::kOk;
}

void add_description(CommandBuilder& command, Description& said) {
  command.options_of_many("--redirect-uri", said.redirects, "URL", "where answers may go; several")
      .options_of_many("--grant", said.grants, "GRANT",
                       "authorization_code, refresh_token, client_credentials, device_code or "
                       "token-exchange; several")
      .options_of_many("--scope", said.scopes, "SCOPE", "that it may ask for; several")
      .options_of_many("--audience", said.audiences, "URL", "whom its tokens are for; several")
      .option("--auth", said.auth, "METHOD",
              "how it proves itself: none, client_secret_basic (usual), client_secret_post, "
              "private_key_jwt, tls_client_auth, self_signed_tls_client_auth")
      .option("--token-format", said.token_format, "jwt|opaque", "of its access tokens")
      .option("--thing", said.thing, "NAME", "the service, agent or device that it is")
      .flag("--native", said.is_native, "it runs on people's own devices")
      .flag("--no-consent", said.asks_no_consent, "people are not asked")
      .flag("--introspect", said.may_introspect, "it may ask about tokens that are for it")
      .flag("--dpop", said.binds_to_dpop, "its tokens are good with a proof of DPoP only")
      .option("--from", said.from, "FILE",
              "a JSON object with the names of RFC 7591, for all else; `-`: standard input");
}

class ClientGroup {
 public:
  explicit ClientGroup(Commands group) : group_(group) {}

  void add_all() {
    add("list", "List all clients; never their secrets", "", list, false);
    add("show", "Show one", "\"Ward list\"", show);
    auto [add_one, add_options] = add(
        "add", "Enter a client; its secret is shown once",
        "\"Ward list\" --redirect-uri https://wards.example/in --scope openid --secret-to w.secret",
        enter);
    add_description(add_one, add_options.description);
    add_secret(add_one, add_options);
    add_change_options(add_one, add_options.change);
    auto [change_one, change_options] =
        add("change", "Change what is given, and no more", "\"Ward list\" --scope openid", change);
    change_one.option("--name", change_options.description.name, "TEXT", "what it is called");
    add_description(change_one, change_options.description);
    add_secret(change_one, change_options);
    add_change_options(change_one, change_options.change);
    add_rotate();
    for (const auto& [name, about, run] :
         {std::tuple{"enable", "Take one that is disabled back into use", &enable},
          std::tuple{"disable", "Give it nothing more, and end what it was given", &disable},
          std::tuple{"remove", "Remove it, with all it was given", &remove}}) {
      auto [command, options] = add(name, about, "\"Ward list\" --reason \"not used\"", run);
      add_change_options(command, options.change);
    }
  }

 private:
  std::pair<CommandBuilder, ClientOptions&> add(
      const char* name, const char* about, const char* arguments,
      Result<Exit> (*run)(const ClientOptions&, const Output&), bool has_name = true) {
    const std::string example = fmt::format("  wardlock client {} {}", name, arguments);
    auto made = group_.add<ClientOptions>(name, about, example.c_str(), run);
    if (has_name) {
      made.first.option("client", made.second.client, "NAME", "what it is called, or its id", true);
    }
    add_server_options(made.first, made.second.server);
    return made;
  }

  static void add_secret(CommandBuilder& command, ClientOptions& options) {
    command.option("--secret-to", options.secret_to, "FILE",
                   "write the secret there, for its owner alone, and show it nowhere");
  }

  void add_rotate() {
    auto [command, options] =
        add("rotate", "Give it another secret; the one before counts until the next time",
            "\"Ward list\" --secret-to w.secret", rotate);
    command.flag("--end-others", options.ends_others, "the secrets before end at once");
    add_secret(command, options);
    add_change_options(command, options.change);
  }

  Commands group_;
};

}  // namespace

void add_clients(Commands& commands) {
  Commands group = commands.group("client", "Programs that get tokens of OAuth and OpenID Connect");
  ClientGroup(group).add_all();
  add_client_invitations(group);
}

}  // namespace wardlock::cli
