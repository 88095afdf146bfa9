#include "cli/client_invitation_commands.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "cli/thing_values.h"
#include "net/query_string.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

constexpr unsigned kMostUses = 100;

struct InvitationOptions {
  ServerOptions server;
  ChangeOptions change;
  std::string id;
  std::string note;
  std::string expires;
  std::string token_to;
  std::vector<std::string> scopes;
  unsigned uses = 1;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Result<object> read_wishes(const InvitationOptions& options) {
  object body{{"uses", options.uses}};
  if (!options.note.empty()) body["note"] = options.note;
  if (!options.scopes.empty()) body["scope"] = joined(options.scopes);
  if (!options.expires.empty()) body["expiresAt"] = TRY(read_time(options.expires));
  return body;
}

/// The token is shown once: to standard output, or where it is to be kept.
Result<void> hand_over(Json& invitation, const std::string& path) {
  const std::string token = text_of(invitation, "token");
  if (token.empty() || path.empty()) return {};
  PrivateFile file = TRY(PrivateFile::create(path));
  TRY_VOID(file.write(token + "\n"));
  TRY_VOID(file.finish());
  invitation.as_object().erase("token");
  invitation.as_object()["tokenFile"] = path;
  return {};
}

Result<Exit> invite(const InvitationOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  object wishes = TRY(read_wishes(options));
  Json made =
      TRY(client->change("POST", "oauth-client-invitations", std::move(wishes), options.change));
  TRY_VOID(hand_over(made, options.token_to));
  const std::string token = text_of(made, "token");
  std::string text =
      options.change.is_dry_run
          ? "an invitation would be made; nothing was changed"
          : fmt::format("invitation {} is good until {} for {}", text_of(made, "id"),
                        text_of(made, "expiresAt"),
                        options.uses == 1 ? "one client" : fmt::format("{} clients", options.uses));
  if (!token.empty()) text += fmt::format("\n  token {}", token);
  output.print(made, text);
  return Exit::kOk;
}

Result<Exit> list(const InvitationOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(client->get("oauth-client-invitations"));
  std::vector<std::vector<std::string>> rows = {{"id", "for", "clients", "expires", "scope"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "id"), text_of(each, "note"), text_of(each, "usesLeft"),
                    text_of(each, "expiresAt"), text_of(each, "scope")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("nobody is invited");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

Result<Exit> take_back(const InvitationOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  Json answer =
      TRY(client->change("DELETE", "oauth-client-invitations/" + net::percent_encoded(options.id),
                         {}, options.change));
  answer.as_object()["id"] = options.id;
  output.print(answer,
               fmt::format("invitation {} {}{}", options.id,
                           options.change.is_dry_run ? "would be taken back" : "is taken back",
                           revision_line(answer)));
  return Exit::kOk;
}

}  // namespace

void add_client_invitations(Commands& clients) {
  auto [one, options] = clients.add<InvitationOptions>(
      "invite", "Let a program register by itself; the token is shown once",
      "  wardlock client invite --note \"pump gateway\" --scope openid --token-to gateway.token",
      invite);
  one.option("--note", options.note, "TEXT", "for whom it is, in words")
      .options_of_many(
          "--scope", options.scopes, "SCOPE",
          "that it may have (default: openid, profile, email, offline_access); several")
      .number("--uses", options.uses, 1, kMostUses, "how many clients may come with it")
      .option("--expires", options.expires, "TIME", "until when it is good (default: a day)")
      .option("--token-to", options.token_to, "FILE",
              "write the token there, for its owner alone, and show it nowhere");
  add_server_options(one, options.server);
  add_change_options(one, options.change);
  auto [all, list_options] = clients.add<InvitationOptions>(
      "invitations", "List the invitations that are good; never their tokens",
      "  wardlock client invitations", list);
  add_server_options(all, list_options.server);
  auto [back, back_options] = clients.add<InvitationOptions>(
      "uninvite", "Take an invitation back; clients that came with it stay",
      "  wardlock client uninvite 01960e3c-7b1f-7000-8000-000000000001", take_back);
  back.option("invitation", back_options.id, "ID", "the invitation's id", true);
  add_server_options(back, back_options.server);
  add_change_options(back, back_options.change);
}

}  // namespace wardlock::cli
