#include <fmt/format.h>

#include "authn/token.h"
#include "cli/commands.h"

namespace wardlock::cli {
namespace {

struct TokenOptions {};

Result<Exit> print_token(const TokenOptions&, const Output& output) {
  const std::string token = authn::new_token();
  const std::string hash = authn::token_hash(token);
  output.print(boost::json::object{{"token", token}, {"hash", hash}},
               fmt::format("token: {}\nhash:  {}", token, hash));
  return Exit::kOk;
}

}  // namespace

void add_token(Commands& commands) {
  Commands group = commands.group("token", "Make tokens for callers");
  group.add<TokenOptions>(
      "new", "Print a new token, and the hash of it for the configuration",
      "  wardlock token new\n"
      "The caller keeps the token; the configuration holds the hash, under `callers[].tokens`.",
      print_token);
}

}  // namespace wardlock::cli
