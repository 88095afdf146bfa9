#include "cli/authenticator_commands.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/admin_client.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "cli/thing_values.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

struct AuthenticatorOptions {
  const directory::Schema* schema = nullptr;
  ServerOptions server;
  std::string name;
  std::string authenticator;
  std::string expires;
  std::string reason;
  bool was_lost = false;
  bool is_revoked = false;
  bool never_expires = false;
};

/// Somebody's authenticators, and below which path they are.
struct Possession {
  Json person;
  std::string path;
  Json all;
};

Result<Possession> possession_of(AdminClient& client, const AuthenticatorOptions& options) {
  Json person = TRY(find_thing(client, *options.schema, options.name));
  std::string path =
      fmt::format("{}/{}/authenticators", options.schema->collection, text_of(person, "id"));
  Json all = TRY(client.get(path));
  return Possession{.person = std::move(person), .path = std::move(path), .all = std::move(all)};
}

/// The one that is meant, by its id, or its label or kind where only one that counts has it.
Result<std::string> find_one(const Possession& possession, const std::string& word) {
  std::vector<std::string> found;
  for (const Json& each : possession.all.at("items").as_array()) {
    if (text_of(each, "id") == word) return word;
    const bool is_called_so = text_of(each, "label") == word || text_of(each, "kind") == word;
    if (is_called_so && text_of(each, "state") == "active") found.push_back(text_of(each, "id"));
  }
  if (found.size() == 1) return found.front();
  return invalid(fmt::format("`{}` has {} such: name the id of one that `authenticators` lists",
                             name_of(possession.person), found.empty() ? "no" : "several"));
}

Result<Exit> list(const AuthenticatorOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Possession possession = TRY(possession_of(*client, options));
  std::vector<std::vector<std::string>> rows = {
      {"id", "kind", "label", "state", "made", "last used", "expires"}};
  for (const Json& each : possession.all.at("items").as_array()) {
    const bool is_disabled = text_of(each, "disabled") == "true";
    rows.push_back({text_of(each, "id"), text_of(each, "kind"), text_of(each, "label"),
                    text_of(each, "state") + (is_disabled ? ", disabled" : ""),
                    text_of(each, "madeAt"), text_of(each, "usedAt"), text_of(each, "expiresAt")});
  }
  if (!output.is_json() && rows.size() == 1) {
    output.note(fmt::format("{} has nothing to sign in with", name_of(possession.person)));
  }
  output.print(possession.all, table_text(rows));
  return Exit::kOk;
}

std::string told(const Json& authenticator, const Json& person) {
  const std::string until = text_of(authenticator, "expiresAt");
  const std::string kind = text_of(authenticator, "kind");
  if (text_of(authenticator, "state") != "active") {
    return fmt::format("{} of {} is {}: it lets nobody in, and what rested on it has ended", kind,
                       name_of(person), text_of(authenticator, "state"));
  }
  return fmt::format("{} of {} is good {}", kind, name_of(person),
                     until.empty() ? "without end" : "until " + until);
}

Result<Exit> change(const AuthenticatorOptions& options, const Output& output) {
  const int steps = int{options.was_lost} + int{options.is_revoked} + int{options.never_expires} +
                    int{!options.expires.empty()};
  if (steps != 1) {
    return invalid("say one of `--lost`, `--revoke`, `--expires` and `--never-expires`");
  }
  object body;
  if (!options.expires.empty()) body["expiresAt"] = TRY(read_time(options.expires));
  if (options.never_expires) body["expiresAt"] = nullptr;
  const char* const step = options.was_lost ? "lost" : options.is_revoked ? "revoke" : "expiry";
  const auto client = TRY(AdminClient::open(options.server));
  const Possession possession = TRY(possession_of(*client, options));
  const std::string id = TRY(find_one(possession, options.authenticator));
  const Json changed =
      TRY(client->change("POST", fmt::format("{}/{}/{}", possession.path, id, step),
                         std::move(body), {.reason = options.reason}));
  output.print(changed, told(changed, possession.person));
  return Exit::kOk;
}

}  // namespace

void add_authenticator_commands(Commands& group, const directory::Schema& schema) {
  const auto add = [&](const char* name, const char* about, const char* arguments,
                       Result<Exit> (*run)(const AuthenticatorOptions&, const Output&)) {
    const std::string example =
        fmt::format("  wardlock {} {} {}", word_for(schema), name, arguments);
    auto made = group.add<AuthenticatorOptions>(name, about, example.c_str(), run);
    made.second.schema = &schema;
    made.first.option("name", made.second.name, "NAME", "whose: what they are called, or their id",
                      true);
    add_server_options(made.first, made.second.server);
    return made;
  };
  add("authenticators", "List what they sign in with", "grey", list);
  auto [command, options] = add("authenticator", "End one of those, or say until when it is good",
                                "grey \"my phone\" --lost --reason \"called from home\"", change);
  command
      .option("authenticator", options.authenticator, "ID",
              "its id, or its label or kind where only one has it", true)
      .flag("--lost", options.was_lost, "they lost it: it counts no more")
      .flag("--revoke", options.is_revoked, "take it from them")
      .option("--expires", options.expires, "TIME", "it is good until then, e.g. 2027-01-31")
      .flag("--never-expires", options.never_expires, "it is good without end")
      .option("--reason", options.reason, "TEXT", "why; goes on record");
}

}  // namespace wardlock::cli
