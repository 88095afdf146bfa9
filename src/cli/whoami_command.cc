#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/identity_text.h"

namespace wardlock::cli {
namespace {

struct WhoAmIOptions {
  ServerOptions server;
};

Result<Exit> tell(const WhoAmIOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const codec::Json me = TRY(client->get("whoami"));
  output.print(me, identity_text(me));
  return Exit::kOk;
}

}  // namespace

void add_whoami(Commands& commands) {
  auto [command, options] = commands.add<WhoAmIOptions>(
      "whoami", "Say who you are to a server, and which of its administration's roles you have",
      "  wardlock whoami\n"
      "  wardlock whoami --server https://wardlock.st-mary.org --token-file me.token",
      tell);
  add_server_options(command, options.server);
}

}  // namespace wardlock::cli
