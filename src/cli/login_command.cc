#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "authn/oauth/own_client.h"
#include "authn/oauth/scope.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/identity_text.h"
#include "cli/login.h"
#include "cli/loopback_listener.h"
#include "cli/sign_in_server.h"
#include "codec/base64url.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

// Signing in at the command line: docs/signing-in.md.
namespace wardlock::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kMostPatience{10};
constexpr std::chrono::seconds kSlower{5};  // RFC 8628, 3.5
constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

struct LoginOptions {
  ServerOptions server;
  bool by_browser = false;
  bool by_device = false;
};

struct LogoutOptions {
  std::string server;
  bool is_for_all = false;
};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

/// It goes on after the browser's session, but not after its owner signs out.
std::string wanted_scope() { return fmt::format("offline_access {}", oauth::kAdministrationScope); }

/// Somebody sits before a screen of this machine.
bool has_browser() {
  if (!environment("BROWSER").empty()) return true;
  if (!environment("SSH_CONNECTION").empty()) return false;
  return !environment("WAYLAND_DISPLAY").empty() || !environment("DISPLAY").empty();
}

/// Without a shell: the URL is nobody's command. Where it fails, people open it themselves.
void open_browser(const std::string& url) {
  std::string program = environment("BROWSER");
  if (program.empty()) program = "xdg-open";
  std::string address = url;
  std::array<char*, 3> arguments = {program.data(), address.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  [[maybe_unused]] const int started =
      posix_spawnp(&child, program.c_str(), &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
}

std::string random_text() {
  std::array<std::uint8_t, 32> bytes;
  crypto::fill_random(bytes);
  return codec::to_base64url(bytes);
}

std::unexpected<Error> not_given(const TokenReply& reply) {
  if (reply.fault == "access_denied") {
    return fail(ErrorCode::kPermissionDenied,
                "it was not allowed in the browser: " + reply.description);
  }
  if (reply.fault == "expired_token") {
    return fail(ErrorCode::kDeadlineExceeded, "nobody allowed it in time: begin anew");
  }
  return fail(ErrorCode::kUnauthenticated,
              fmt::format("the server gives no tokens ({}): {}", reply.fault, reply.description));
}

std::string member(const boost::json::object& json, std::string_view name) {
  const codec::Json* const value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t seconds_in(const boost::json::object& json, std::string_view name,
                        std::int64_t usual) {
  const codec::Json* const value = json.if_contains(name);
  const bool is_number = value != nullptr && value->is_int64() && value->get_int64() > 0;
  return is_number ? value->get_int64() : usual;
}

/// RFC 8628: on another device, or in any browser.
Result<TokenReply> sign_in_by_device(SignInServer& server, const Output& output) {
  const boost::json::object offer = TRY(server.begin_device(wanted_scope()));
  const std::string code = member(offer, "device_code");
  if (code.empty()) return fail(ErrorCode::kUnavailable, "the server offered no code");
  output.note(fmt::format("open {} in any browser, and enter {}", member(offer, "verification_uri"),
                          member(offer, "user_code")));
  output.note(fmt::format("or open {}", member(offer, "verification_uri_complete")));
  constexpr std::int64_t kUsualInterval = 5;
  std::chrono::seconds interval(seconds_in(offer, "interval", kUsualInterval));
  const auto end =
      Clock::now() + std::chrono::seconds(seconds_in(offer, "expires_in",
                                                     std::chrono::seconds(kMostPatience).count()));
  while (true) {
    std::this_thread::sleep_for(interval);
    oauth::Parameters parameters;
    parameters.set("grant_type", kDeviceGrant);
    parameters.set("device_code", code);
    auto reply = server.ask_for_tokens(std::move(parameters));
    const bool is_late = Clock::now() >= end;
    // Who is away for a moment is waited for.
    if (!reply && (is_late || reply.error().code != ErrorCode::kUnavailable)) return reply;
    if (!reply || reply->fault == "authorization_pending") {
      if (is_late)
        return fail(ErrorCode::kDeadlineExceeded, "nobody allowed it in time: begin anew");
      continue;
    }
    if (reply->fault == "slow_down") {
      interval += kSlower;
      continue;
    }
    if (!reply->fault.empty()) return not_given(*reply);
    return reply;
  }
}

/// RFC 8252: in a browser of this machine, which comes back to a port of it.
Result<TokenReply> sign_in_by_browser(SignInServer& server, const Output& output) {
  LoopbackListener listener = TRY(LoopbackListener::open());
  const std::string verifier = random_text();
  const std::string state = random_text();
  constexpr std::string_view kHost = "http://127.0.0.1";
  const std::string_view path = oauth::kCommandLineRedirect.substr(kHost.size());
  const std::string redirect = fmt::format("{}:{}{}", kHost, listener.port(), path);
  const oauth::Parameters asked = {
      {"response_type", "code"},
      {"client_id", std::string(oauth::kCommandLineClient)},
      {"redirect_uri", redirect},
      {"scope", wanted_scope()},
      {"state", state},
      {"code_challenge", codec::to_base64url(crypto::sha256(verifier))},
      {"code_challenge_method", "S256"}};
  const std::string url = server.authorization_url(asked);
  output.note(fmt::format("sign in with the browser; if none opens, open {}", url));
  open_browser(url);
  // RFC 9207: of this server, and of this request.
  const auto is_ours = [&](std::string_view query) {
    const auto answer = oauth::Parameters::read(query);
    return answer && answer->text("state") == state && answer->text("iss") == server.issuer();
  };
  const std::string query = TRY(listener.wait(path, is_ours, Clock::now() + kMostPatience));
  const auto answer = oauth::Parameters::read(query);
  if (!answer || answer->text("code").empty()) {
    return not_given({.fault = std::string(answer ? answer->text("error") : ""),
                      .description = std::string(answer ? answer->text("error_description") : "")});
  }
  TokenReply reply = TRY(server.ask_for_tokens({{"grant_type", "authorization_code"},
                                                {"code", std::string(answer->text("code"))},
                                                {"redirect_uri", redirect},
                                                {"code_verifier", verifier}}));
  if (!reply.fault.empty()) return not_given(reply);
  return reply;
}

/// Where it is kept, the command may be run elsewhere than now.
std::string absolute(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.string();
}

/// In the place of the login from before, which is good for nothing then.
Result<void> keep(KeptLogin login) {
  LoginBook book = TRY(LoginBook::open());
  const KeptLogin* const before = book.find(login.server);
  if (before != nullptr) {
    [[maybe_unused]] const auto ended = end_login(book, *before);
  }
  return book.put(std::move(login), /*is_new=*/true);
}

Result<std::string> wanted_server(const ServerOptions& options) {
  auto url = server_url_of(options);
  if (url && !url->empty()) return url;
  if (!url) return url;
  const LoginBook book = TRY(LoginBook::open());
  if (const KeptLogin* const last = book.find("")) return last->server;
  return invalid("name the server with `--server URL`, or in WARDLOCK_SERVER");
}

Result<Exit> sign_in(const LoginOptions& options, const Output& output) {
  if (options.by_browser && options.by_device) {
    return invalid("`--browser` and `--device` exclude each other");
  }
  const std::string url = TRY(wanted_server(options.server));
  const std::string ca = absolute(ca_of(options.server));
  SignInServer server = TRY(SignInServer::find(url, ca));
  const bool is_here = options.by_browser || (!options.by_device && has_browser());
  TokenReply reply =
      is_here ? TRY(sign_in_by_browser(server, output)) : TRY(sign_in_by_device(server, output));
  KeptLogin login{.server = url,
                  .ca = ca,
                  .access_token = std::move(reply.access_token),
                  .refresh_token = std::move(reply.refresh_token),
                  .until_ms = reply.until_ms};
  TRY_VOID(keep(login));
  const auto client = TRY(AdminClient::open(Login(std::move(login))));
  const codec::Json me = TRY(client->get("whoami"));
  output.print(me, "signed in: " + identity_text(me));
  return Exit::kOk;
}

Result<Exit> sign_out(const LogoutOptions& options, const Output& output) {
  LoginBook book = TRY(LoginBook::open());
  std::vector<std::string> servers;
  if (options.is_for_all) {
    for (const KeptLogin& each : book.all()) servers.push_back(each.server);
  } else {
    const std::string url =
        TRY(server_url_of({.server = options.server, .token_file = {}, .ca = {}}));
    const KeptLogin* const found = book.find(url);
    if (found == nullptr) {
      return fail(ErrorCode::kNotFound, url.empty()
                                            ? std::string("you are signed in nowhere")
                                            : fmt::format("you are not signed in at `{}`", url));
    }
    servers.push_back(found->server);
  }
  for (const std::string& each : servers) {
    const auto ended = end_login(book, *book.find(each));
    if (ended) continue;
    return fail(ended.error().code,
                fmt::format("the login at `{}` is gone from this machine, but the server could not "
                            "be told ({}): it ends there within an hour",
                            each, ended.error().message));
  }
  boost::json::array ended(servers.begin(), servers.end());
  std::string text = servers.empty() ? "you were signed in nowhere" : "signed out";
  for (const std::string& each : servers) text += " of " + each;
  output.print(boost::json::object{{"ended", std::move(ended)}}, text);
  return Exit::kOk;
}

}  // namespace

void add_login(Commands& commands) {
  auto [command, options] =
      commands.add<LoginOptions>("login", "Sign in to a server, to administer it in your own name",
                                 "  wardlock login --server https://wardlock.st-mary.example\n"
                                 "  wardlock login --device\n"
                                 "Commands that ask the server use the login where no token is "
                                 "named. It is kept for you alone\n"
                                 "in $XDG_CONFIG_HOME/wardlock (or ~/.config/wardlock), renewed by "
                                 "itself, and good for twelve\n"
                                 "hours, or one that it is not used; `wardlock logout` ends it.",
                                 sign_in);
  command
      .option("--server", options.server.server, "URL",
              "of the server, with the tenant's path (or WARDLOCK_SERVER; else where you were "
              "signed in at last)")
      .option("--ca", options.server.ca, "FILE",
              "who vouches for the server (or WARDLOCK_CA; else the system's authorities)")
      .flag("--browser", options.by_browser, "in a browser of this machine")
      .flag("--device", options.by_device,
            "with a code that is entered in any browser, such as a telephone's");
}

void add_logout(Commands& commands) {
  auto [command, options] = commands.add<LogoutOptions>(
      "logout", "End the login of `wardlock login`, here and at the server",
      "  wardlock logout\n"
      "  wardlock logout --all",
      sign_out);
  command
      .option("--server", options.server, "URL",
              "where (or WARDLOCK_SERVER; else where you signed in at last)")
      .flag("--all", options.is_for_all, "everywhere");
}

}  // namespace wardlock::cli
