#include "cli/login.h"

#include <fmt/format.h>

#include <utility>

#include "base/wall_clock.h"
#include "cli/sign_in_server.h"

namespace wardlock::cli {
namespace {

/// A request with it takes a while to arrive.
constexpr std::int64_t kRenewBeforeMs = 20'000;

bool is_fresh(const KeptLogin& login) { return login.until_ms - wall_clock_ms() > kRenewBeforeMs; }

std::unexpected<Error> nobody_at(const std::string& server) {
  return fail(
      ErrorCode::kUnauthenticated,
      server.empty()
          ? std::string("you are signed in nowhere: `wardlock login --server URL`")
          : fmt::format("you are not signed in at `{0}`: `wardlock login --server {0}`", server));
}

}  // namespace

Result<Login> Login::find(const std::string& server) {
  const LoginBook book = TRY(LoginBook::open());
  const KeptLogin* const found = book.find(server);
  if (found == nullptr) return nobody_at(server);
  return Login(*found);
}

Result<std::string> Login::authorization() {
  if (!is_fresh(kept_)) TRY_VOID(renew());
  return fmt::format("Bearer {}", kept_.access_token.reveal());
}

Result<void> Login::renew() {
  LoginBook book = TRY(LoginBook::open());
  const KeptLogin* const known = book.find(kept_.server);
  if (known == nullptr) return nobody_at(kept_.server);
  kept_ = *known;
  if (is_fresh(kept_)) return {};  // another process has done it
  SignInServer server = TRY(SignInServer::at(kept_.server, kept_.ca));
  oauth::Parameters parameters;
  parameters.set("grant_type", "refresh_token");
  parameters.set("refresh_token", kept_.refresh_token.reveal());
  TokenReply reply = TRY(server.ask_for_tokens(std::move(parameters)));
  if (reply.fault.empty()) {
    kept_.access_token = std::move(reply.access_token);
    kept_.refresh_token = std::move(reply.refresh_token);
    kept_.until_ms = reply.until_ms;
    return book.put(kept_, /*is_new=*/false);
  }
  if (reply.fault == "temporarily_unavailable" || reply.fault == "server_error") {
    return fail(ErrorCode::kUnavailable, reply.description);
  }
  // Whatever it is, asking again with the same would not help.
  TRY_VOID(book.drop(kept_.server));
  return fail(
      ErrorCode::kUnauthenticated,
      fmt::format("your login at `{0}` is over: sign in again with `wardlock login --server "
                  "{0}`",
                  kept_.server));
}

Result<void> end_login(LoginBook& book, const KeptLogin& login) {
  auto server = SignInServer::at(login.server, login.ca);
  Result<void> told =
      server ? server->revoke(login.refresh_token) : Result<void>(std::unexpected(server.error()));
  const std::string where = login.server;  // the login may be the book's own
  TRY_VOID(book.drop(where));
  return told;
}

}  // namespace wardlock::cli
