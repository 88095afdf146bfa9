#include "server/pdp_server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <charconv>
#include <csignal>
#include <thread>

#include "api/authzen/endpoints.h"
#include "base/check.h"
#include "crypto/random.h"
#include "net/address.h"
#include "net/http_server.h"
#include "server/wall_clock.h"

namespace wardlock::server {
namespace {

/// SIGINT and SIGTERM, kept from every thread started from here on until the end of its life, and
/// waited for by a thread of its own.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    CHECK(pthread_sigmask(SIG_BLOCK, &signals_, &before_) == 0);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    if (waiter_.joinable()) {
      // Ends a wait that nobody ended, when the server stopped by itself.
      pthread_kill(waiter_.native_handle(), SIGTERM);
      waiter_.join();
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  void call(std::function<void()> stop) {
    waiter_ = std::thread([this, stop = std::move(stop)] {
      int signal = 0;
      sigwait(&signals_, &signal);
      stop();
    });
  }

 private:
  sigset_t signals_;
  sigset_t before_;
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
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return invalid(fmt::format("in `{}` write the IPv6 address in brackets: `[::1]:8180`", text));
  }
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
  options.address = listen.address;
  options.port = listen.port;
  options.threads = threads;
  StopSignals signals;
  const auto server = TRY(net::HttpServer::listen(options, [&](const net::HttpRequest& request) {
    return authzen::answer(
        request, {.snapshot = *snapshot, .now = wall_clock_ms(), .new_id = &crypto::random_uuid});
  }));
  signals.call([&server] { server->stop(); });
  on_listening({listen.address, server->port()});
  return server->run();
}

}  // namespace wardlock::server
