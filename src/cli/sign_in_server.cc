#include "cli/sign_in_server.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "authn/oauth/own_client.h"
#include "base/utf8.h"
#include "base/wall_clock.h"

namespace wardlock::cli {
namespace {

constexpr std::size_t kMostReplyBytes = std::size_t{256} << 10;
constexpr codec::JsonLimits kLimits = {
    .max_bytes = kMostReplyBytes, .max_depth = 16, .max_members = 200};
constexpr std::string_view kMetadata = "/.well-known/openid-configuration";

std::string text_in(const boost::json::object& json, std::string_view name) {
  const codec::Json* const value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number_in(const boost::json::object& json, std::string_view name) {
  const codec::Json* const value = json.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Result<boost::json::object> object_of(const net::HttpReply& reply) {
  auto json = codec::parse_json(reply.body, kLimits);
  if (json && json->is_object()) return std::move(json->get_object());
  return fail(ErrorCode::kUnavailable,
              fmt::format("the server answered {}, and no JSON", reply.status));
}

std::unexpected<Error> refused(const net::HttpReply& reply, const boost::json::object& json) {
  const std::string why = text_in(json, "error_description");
  return fail(reply.status == 401 ? ErrorCode::kUnauthenticated : ErrorCode::kUnavailable,
              fmt::format("the server answered {}: {}", reply.status,
                          why.empty() ? text_in(json, "error") : why));
}

}  // namespace

Result<SignInServer> SignInServer::at(const std::string& url, const std::string& ca) {
  net::HttpClientOptions options{.max_reply_bytes = kMostReplyBytes};
  options.tls.ca = ca;
  return SignInServer(url, TRY(net::HttpClient::create(std::move(options))));
}

Result<SignInServer> SignInServer::find(const std::string& url, const std::string& ca) {
  SignInServer server = TRY(at(url, ca));
  const std::string place = url + std::string(kMetadata);
  const net::HttpReply reply = TRY(server.http_->fetch({.url = place}, *server.interruption_));
  if (reply.status == 404) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("nobody signs in at `{}`: it is no Wardlock, another tenant's path, or "
                            "its configuration has no `authentication`",
                            url));
  }
  const boost::json::object said = TRY(object_of(reply));
  const std::string issuer = text_in(said, "issuer");
  if (reply.status != 200 || issuer.empty()) return refused(reply, said);
  // RFC 8414, 3.3: else another server could stand in for it.
  if (issuer == url) return server;
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the server at `{}` calls itself `{}`: name that one with `--server`",
                          url, printable(issuer)));
}

Result<net::HttpReply> SignInServer::post(std::string_view path, oauth::Parameters parameters) {
  parameters.set("client_id", oauth::kCommandLineClient);
  std::string form = parameters.form();
  const std::string place = fmt::format("{}/oauth2/{}", issuer_, path);
  auto reply = http_->fetch({.method = "POST",
                             .url = place,
                             .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                         {"Accept", "application/json"}},
                             .body = form},
                            *interruption_);
  wipe(form);
  return reply;
}

Result<boost::json::object> SignInServer::begin_device(std::string_view scope) {
  oauth::Parameters parameters;
  parameters.set("scope", scope);
  const net::HttpReply reply = TRY(post("device_authorization", std::move(parameters)));
  boost::json::object said = TRY(object_of(reply));
  if (reply.status != 200) return refused(reply, said);
  return said;
}

Result<TokenReply> SignInServer::ask_for_tokens(oauth::Parameters parameters) {
  const std::int64_t now = wall_clock_ms();
  net::HttpReply reply = TRY(post("token", std::move(parameters)));
  if (reply.status >= 500) {
    return fail(ErrorCode::kUnavailable, fmt::format("the server answered {}", reply.status));
  }
  const boost::json::object said = TRY(object_of(reply));
  wipe(reply.body);
  TokenReply answer{.fault = text_in(said, "error"),
                    .description = text_in(said, "error_description"),
                    .access_token = Secret(text_in(said, "access_token")),
                    .refresh_token = Secret(text_in(said, "refresh_token")),
                    .until_ms = now + number_in(said, "expires_in") * 1000};
  const bool has_tokens = reply.status == 200 && answer.fault.empty() &&
                          !answer.access_token.empty() && !answer.refresh_token.empty();
  if (has_tokens || !answer.fault.empty()) return answer;
  return fail(ErrorCode::kUnavailable, "the server's answer has no tokens");
}

Result<void> SignInServer::revoke(const Secret& token) {
  oauth::Parameters parameters;
  parameters.set("token", token.reveal());
  const net::HttpReply reply = TRY(post("revoke", std::move(parameters)));
  if (reply.status == 200) return {};
  return refused(reply, object_of(reply).value_or(boost::json::object()));
}

std::string SignInServer::authorization_url(const oauth::Parameters& parameters) const {
  return fmt::format("{}/oauth2/authorize?{}", issuer_, parameters.form());
}

}  // namespace wardlock::cli
