#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "authn/oauth/parameters.h"
#include "base/error.h"
#include "cli/login_book.h"
#include "codec/json.h"
#include "net/http_client.h"

namespace wardlock::cli {

/// What a token endpoint answers: tokens, or why there are none.
struct TokenReply {
  std::string fault;        ///< RFC 6749, 5.2; RFC 8628, 3.5; empty: there are tokens
  std::string description;  ///< of the fault
  Secret access_token = {};
  Secret refresh_token = {};
  std::int64_t until_ms = 0;  ///< of the access token, since the epoch
};

/// The identity provider of a server, as the command line asks it: a public client
/// (authn/oauth/own_client.h). Not thread-safe. Errors: those of net::HttpClient; kUnavailable,
/// what is answered makes no sense.
class SignInServer {
 public:
  /// Reads what the server says of itself (RFC 8414). `ca`: who vouches for it, a file; empty: the
  /// system's authorities. Errors besides: kFailedPrecondition, nobody signs in there, or it has
  /// another address than `url`.
  static Result<SignInServer> find(const std::string& url, const std::string& ca);

  /// The same without asking: where somebody has signed in before.
  static Result<SignInServer> at(const std::string& url, const std::string& ca);

  /// What a device is offered (RFC 8628, 3.2).
  Result<boost::json::object> begin_device(std::string_view scope);
  /// Asks for tokens; the client's id is added.
  Result<TokenReply> ask_for_tokens(oauth::Parameters parameters);
  /// RFC 7009: ends all that came of the same login.
  Result<void> revoke(const Secret& token);

  const std::string& issuer() const { return issuer_; }
  std::string authorization_url(const oauth::Parameters& parameters) const;

 private:
  SignInServer(std::string issuer, std::unique_ptr<net::HttpClient> http)
      : issuer_(std::move(issuer)), http_(std::move(http)) {}
  Result<net::HttpReply> post(std::string_view path, oauth::Parameters parameters);

  std::string issuer_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<net::Interruption> interruption_ = std::make_unique<net::Interruption>();
};

}  // namespace wardlock::cli
