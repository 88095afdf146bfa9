#include <fmt/format.h>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

struct WhoAmIOptions {
  ServerOptions server;
};

Result<Exit> tell(const WhoAmIOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const codec::Json me = TRY(client->get("whoami"));
  const auto* const thing = me.as_object().if_contains("thing");
  std::string text = fmt::format("{} of {}", thing == nullptr ? text_of(me, "id") : name_of(*thing),
                                 text_of(me, "tenant"));
  if (const auto* const roles = me.as_object().if_contains("roles")) {
    for (const auto& role : roles->as_array()) {
      text += fmt::format("\n  {}", std::string_view(role.as_string()));
    }
  }
  output.print(me, text);
  return Exit::kOk;
}

}  // namespace

void add_whoami(Commands& commands) {
  auto [command, options] = commands.add<WhoAmIOptions>(
      "whoami", "Say who you are to a server, and which of its administration's roles you have",
      "  wardlock whoami --server https://wardlock.st-mary.org --token-file me.token", tell);
  add_server_options(command, options.server);
}

}  // namespace wardlock::cli
