#include "cli/admin_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include "base/utf8.h"
#include "cli/server_token.h"
#include "crypto/random.h"

namespace wardlock::cli {
namespace {

constexpr std::size_t kMostReplyBytes = std::size_t{64} << 20;
constexpr int kAttempts = 3;
constexpr std::chrono::seconds kMostPatience{5};

std::string said_or(const std::string& said, const char* variable) {
  if (!said.empty()) return said;
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401: return ErrorCode::kUnauthenticated;
    case 403: return ErrorCode::kPermissionDenied;
    case 404: return ErrorCode::kNotFound;
    case 409:
    case 412: return ErrorCode::kAborted;
    case 429: return ErrorCode::kResourceExhausted;
    default: return status < 500 ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable;
  }
}

Result<codec::Json> json_of(const net::HttpReply& reply) {
  const bool is_good = reply.status >= 200 && reply.status < 300;
  if (is_good && reply.body.empty()) return codec::Json(nullptr);
  const auto json = codec::parse_json(reply.body);
  if (is_good && json) return *json;
  if (is_good) return fail(ErrorCode::kUnavailable, "the server's answer is no JSON");
  const auto* const problem = json ? json->if_object() : nullptr;
  const codec::Json* const detail = problem == nullptr ? nullptr : problem->if_contains("detail");
  if (detail != nullptr && detail->is_string()) {
    return fail(code_of(reply.status), std::string(detail->get_string()));
  }
  // FHIR's interface says it as an OperationOutcome.
  boost::system::error_code none;
  const codec::Json* const outcome =
      json ? json->find_pointer("/issue/0/diagnostics", none) : nullptr;
  if (outcome != nullptr && outcome->is_string()) {
    return fail(code_of(reply.status), std::string(outcome->get_string()));
  }
  return fail(
      code_of(reply.status),
      fmt::format("the server answered {}; is it a Wardlock with a directory?", reply.status));
}

/// Of a path of the administration's own, or of another interface.
std::string place_of(const std::string& path) {
  return path.starts_with('/') ? path : "/admin/v1/" + path;
}

/// Since when decisions may know of the change.
std::optional<std::int64_t> read_revision(const net::HttpReply& reply) {
  const std::string_view text = reply.header("Wardlock-Revision").value_or("");
  std::int64_t revision = 0;  // as what is parsed has it
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number ? std::optional(revision) : std::nullopt;
}

Result<std::unique_ptr<net::HttpClient>> http_client(const std::string& ca) {
  net::HttpClientOptions http{.max_reply_bytes = kMostReplyBytes};
  http.tls.ca = ca;
  return net::HttpClient::create(std::move(http));
}

/// Whether the same may be sent again, and nothing be done twice.
bool may_retry(const Result<net::HttpReply>& reply) {
  if (reply) return reply->status == 503;
  return reply.error().code == ErrorCode::kUnavailable ||
         reply.error().code == ErrorCode::kDeadlineExceeded;
}

}  // namespace

void add_server_options(CommandBuilder& command, ServerOptions& options) {
  command
      .option("--server", options.server, "URL",
              "of the server, with the tenant's path (or WARDLOCK_SERVER; else where you signed in "
              "at last)")
      .option(
          "--token-file", options.token_file, "FILE",
          "holds your credential's token (or WARDLOCK_TOKEN_FILE; else your login, see `wardlock "
          "login`)")
      .option("--ca", options.ca, "FILE",
              "who vouches for the server (or WARDLOCK_CA; else the system's authorities)");
}

void add_change_options(CommandBuilder& command, ChangeOptions& options) {
  command.option("--reason", options.reason, "TEXT", "why; goes on record")
      .flag("--dry-run", options.is_dry_run, "say what would be, and change nothing");
}

Result<std::string> server_url_of(const ServerOptions& options) {
  std::string url = said_or(options.server, "WARDLOCK_SERVER");
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) TRY_VOID(check_server_url(url));
  return url;
}

std::string ca_of(const ServerOptions& options) { return said_or(options.ca, "WARDLOCK_CA"); }

Result<std::unique_ptr<AdminClient>> AdminClient::open(const ServerOptions& options) {
  const std::string url = TRY(server_url_of(options));
  const std::string token_file = said_or(options.token_file, "WARDLOCK_TOKEN_FILE");
  if (token_file.empty()) {
    auto login = Login::find(url);
    if (login) return open(*std::move(login), ca_of(options));
    if (login.error().code != ErrorCode::kUnauthenticated) return std::unexpected(login.error());
    return fail(ErrorCode::kUnauthenticated,
                login.error().message +
                    "; or name the file that holds a token with `--token-file FILE`, or in "
                    "WARDLOCK_TOKEN_FILE");
  }
  if (url.empty()) {
    return invalid("name the server with `--server URL`, or in WARDLOCK_SERVER");
  }
  const std::string token = TRY(read_token_file(token_file));
  auto http = TRY(http_client(ca_of(options)));
  return std::unique_ptr<AdminClient>(new AdminClient(url, "Bearer " + token, std::move(http)));
}

Result<std::unique_ptr<AdminClient>> AdminClient::open(Login login, const std::string& ca) {
  auto http = TRY(http_client(ca.empty() ? login.ca() : ca));
  std::unique_ptr<AdminClient> client(new AdminClient(login.server(), {}, std::move(http)));
  client->login_.emplace(std::move(login));
  return client;
}

/// A login's token ends after some minutes, also in the midst of a long import.
Result<void> AdminClient::renew() {
  if (!login_) return {};
  authorization_ = TRY(login_->authorization());
  return {};
}

Result<codec::Json> AdminClient::read_reply(const net::HttpReply& reply) const {
  auto read = json_of(reply);
  if (read || read.error().code != ErrorCode::kUnauthenticated || !login_) return read;
  return fail(ErrorCode::kUnauthenticated,
              fmt::format("{} (`wardlock login --server {}`)", read.error().message, url_));
}

Result<net::HttpReply> AdminClient::fetch(const net::OutgoingRequest& request) {
  Result<net::HttpReply> reply = http_->fetch(request, interruption_);
  for (int i = 1; i < kAttempts && may_retry(reply); ++i) {
    const auto asked = reply ? reply->retry_after : std::chrono::seconds(0);
    std::this_thread::sleep_for(std::clamp(asked, std::chrono::seconds(i), kMostPatience));
    reply = http_->fetch(request, interruption_);
  }
  return reply;
}

Result<codec::Json> AdminClient::get(const std::string& path) {
  TRY_VOID(renew());
  const std::string url = url_ + place_of(path);
  const net::OutgoingRequest request{
      .url = url, .headers = {{"Authorization", authorization_}, {"Accept", "application/json"}}};
  const net::HttpReply reply = TRY(fetch(request));
  return read_reply(reply);
}

Result<std::string> AdminClient::text(const std::string& path) {
  TRY_VOID(renew());
  const std::string url = url_ + place_of(path);
  const net::OutgoingRequest request{
      .url = url, .headers = {{"Authorization", authorization_}, {"Accept", "*/*"}}};
  net::HttpReply reply = TRY(fetch(request));
  if (reply.status >= 200 && reply.status < 300) return std::move(reply.body);
  TRY(read_reply(reply));
  return fail(ErrorCode::kUnavailable, "the server's answer makes no sense");
}

Result<codec::Json> AdminClient::change(std::string_view method, const std::string& path,
                                        boost::json::object body, const ChangeOptions& options) {
  TRY_VOID(renew());
  if (!options.reason.empty()) body["reason"] = options.reason;
  const std::string url =
      fmt::format("{}{}{}", url_, place_of(path), options.is_dry_run ? "?dryRun=true" : "");
  const crypto::UuidText key = crypto::random_uuid();
  const std::string text = codec::to_json_text(body);
  net::OutgoingRequest request{.method = method,
                               .url = url,
                               .headers = {{"Authorization", authorization_},
                                           {"Accept", "application/json"},
                                           {"Content-Type", "application/json"},
                                           {"Idempotency-Key", {key.data(), key.size()}}},
                               .body = text};
  if (method == "DELETE" && !options.reason.empty()) {  // it has no body
    request.headers.emplace_back("Wardlock-Reason", options.reason);
  }
  const net::HttpReply reply = TRY(fetch(request));
  codec::Json answer = TRY(read_reply(reply));
  if (answer.is_null()) answer = boost::json::object();
  const auto revision = read_revision(reply);
  if (revision && answer.is_object()) answer.get_object()["revision"] = *revision;
  return answer;
}

}  // namespace wardlock::cli
