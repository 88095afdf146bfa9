#include "server/pdp_server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <charconv>
#include <csignal>
#include <thread>

#include "api/authzen/endpoints.h"
#include "api/forward/forward_auth.h"
#include "base/check.h"
#include "crypto/random.h"
#include "net/address.h"
#include "net/http_server.h"
#include "server/wall_clock.h"

namespace wardlock::server {
namespace {

/// Keeps SIGINT and SIGTERM from this thread and every thread it starts from here on. They stay
/// blocked: the process is about to end afterwards, and a second signal must not make a failure of
/// that.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  return signals;
}

/// A thread that calls `stop` at the first of the signals, and has ended when this is gone.
class StopAtSignal {
 public:
  StopAtSignal(const sigset_t& signals, std::function<void()> stop)
      : waiter_([signals, stop = std::move(stop)] {
          int signal = 0;
          sigwait(&signals, &signal);
          stop();
        }) {}
  StopAtSignal(const StopAtSignal&) = delete;
  StopAtSignal& operator=(const StopAtSignal&) = delete;
  ~StopAtSignal() {
    // Ends a wait that nobody ended, when the server stopped by itself.
    pthread_kill(waiter_.native_handle(), SIGTERM);
    waiter_.join();
  }

 private:
  std::thread waiter_;
};

}  // namespace

std::string ListenAddress::text() const {
  return address.contains(':') ? fmt::format("[{}]:{}", address, port)
                               : fmt::format("{}:{}", address, port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return invalid(fmt::format("`{}` is not a place to listen on; write `127.0.0.1:8180`", text));
  }
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed != host.contains(':')) {
    return invalid(fmt::format(
        "`{}` is not a place to listen on; brackets are for IPv6 addresses: `[::1]:8180`", text));
  }
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!net::is_loopback(host)) {
    return invalid(
        fmt::format("`{}` is not a loopback address; plain HTTP is served to this "
                    "machine only, e.g. on `127.0.0.1:{}`",
                    host, port));
  }
  return ListenAddress{std::string(host), port};
}

Result<void> serve_pdp(const std::shared_ptr<const pdp::Snapshot>& snapshot,
                       const ListenAddress& listen, unsigned threads,
                       const std::function<void(const ListenAddress&)>& on_listening) {
  net::ServerOptions options;
  options.listeners = {{.address = listen.address, .port = listen.port}};
  options.threads = threads;
  // Nobody signs in: the caller is whoever can reach the loopback address.
  const pdp::Caller anonymous = pdp::Caller::unrestricted("anonymous");
  const net::Handler handler = [&](const net::HttpRequest& request) {
    if (request.path == forward::kPath) {
      return forward::answer(request, {.snapshot = *snapshot,
                                       .caller = anonymous,
                                       .now = wall_clock_ms(),
                                       .new_id = &crypto::random_uuid});
    }
    return authzen::answer(request, {.snapshot = *snapshot,
                                     .caller = anonymous,
                                     .now = wall_clock_ms(),
                                     .new_id = &crypto::random_uuid});
  };
  const sigset_t signals = block_stop_signals();
  const auto server = TRY(net::HttpServer::listen(options, [&] { return handler; }));
  const StopAtSignal stop(signals, [&server] { server->stop(); });
  on_listening({listen.address, server->ports().front()});
  return server->run();
}

}  // namespace wardlock::server
