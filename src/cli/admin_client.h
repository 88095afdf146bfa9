#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/command_builder.h"
#include "cli/login.h"
#include "codec/json.h"
#include "net/http_client.h"

namespace wardlock::cli {

/// Where a server is, and how to prove to it who asks. What is empty is taken from the environment:
/// WARDLOCK_SERVER, WARDLOCK_TOKEN_FILE, WARDLOCK_CA; where no token is named at all, from a login
/// of `wardlock login`.
struct ServerOptions {
  std::string server;      ///< its URL, with the tenant's path where it has one
  std::string token_file;  ///< with the credential's token; never the token itself
  std::string ca;          ///< who vouches for the server
};

/// What every change may be made with.
struct ChangeOptions {
  std::string reason;
  bool is_dry_run = false;
};

/// The server that is named, without the slash at its end; empty: none is. Error: what is secret
/// would go there unprotected.
Result<std::string> server_url_of(const ServerOptions& options);
std::string ca_of(const ServerOptions& options);

void add_server_options(CommandBuilder& command, ServerOptions& options);
void add_change_options(CommandBuilder& command, ChangeOptions& options);

/// Asks the administration of a running server. Not thread-safe.
///
/// Errors: what the server's problem says, under a code that stands for its status;
/// kUnauthenticated and kPermissionDenied among them; those of net::HttpClient.
class AdminClient {
 public:
  /// Errors besides: a file cannot be read, or the token would go out unprotected.
  static Result<std::unique_ptr<AdminClient>> open(const ServerOptions& options);

  /// With a login. `ca`: who vouches for the server; empty: as when it was made.
  static Result<std::unique_ptr<AdminClient>> open(Login login, const std::string& ca = {});

  /// `path`: what follows `/admin/v1/`, with its query; or all of it, from its first slash on.
  Result<codec::Json> get(const std::string& path);
  /// What is no JSON: a page, a table, a text.
  Result<std::string> text(const std::string& path);
  /// The answer, an object, with the directory's revision since the change as `revision`; of a dry
  /// run without. Sent again, under the same key, where the server did not answer or asks to wait:
  /// it is done once.
  Result<codec::Json> change(std::string_view method, const std::string& path,
                             boost::json::object body, const ChangeOptions& options);

 private:
  AdminClient(std::string url, std::string authorization, std::unique_ptr<net::HttpClient> http)
      : url_(std::move(url)), authorization_(std::move(authorization)), http_(std::move(http)) {}

  Result<void> renew();
  Result<net::HttpReply> fetch(const net::OutgoingRequest& request);
  Result<codec::Json> read_reply(const net::HttpReply& reply) const;

  std::string url_;
  std::string authorization_;
  std::optional<Login> login_;  ///< nothing: it is a token
  std::unique_ptr<net::HttpClient> http_;
  net::Interruption interruption_;
};

}  // namespace wardlock::cli
