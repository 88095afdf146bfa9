#include "net/client_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/tls_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

/// Takes connections of one listener by hand.
class Listening {
 public:
  Listening() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 4), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listening() {
    ::close(socket_);
    if (peer_ >= 0) ::close(peer_);
  }
  std::uint16_t port() const { return port_; }

  void accept() { peer_ = ::accept(socket_, nullptr, nullptr); }
  void hang_up() {
    ::close(peer_);
    peer_ = -1;
  }
  void say(std::string_view bytes) const {
    EXPECT_EQ(::send(peer_, bytes.data(), bytes.size(), 0), std::ssize(bytes));
  }
  std::string read(std::size_t count) const {
    std::string out(count, '\0');
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got = ::recv(peer_, out.data() + done, count - done, 0);
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return out;
  }

 private:
  int socket_;
  int peer_ = -1;
  std::uint16_t port_ = 0;
};

class Connecting : public testing::Test {
 protected:
  static ClientOptions to(std::uint16_t port) { return {.host = "127.0.0.1", .port = port}; }
  ClientOptions with_tls(std::uint16_t port) const {
    ClientOptions options = to(port);
    options.tls = {.ca = authority_.certificate()};
    return options;
  }
  /// Why there is no connection.
  std::string refusal(const ClientOptions& options, ErrorCode code) const {
    const auto connection = ClientConnection::connect(options, interruption_);
    if (connection) return "connected";
    EXPECT_EQ(connection.error().code, code) << connection.error().message;
    return connection.error().message;
  }

  Interruption interruption_;
  Authority authority_;
};

TEST_F(Connecting, sends_all_and_hears_that_it_came) {
  Listening listening;
  const auto connection = ClientConnection::connect(to(listening.port()), interruption_);
  ASSERT_TRUE(connection) << connection.error().message;
  listening.accept();
  const std::string large(std::size_t{8} << 20, 'x');
  std::string got;
  std::thread reader([&] { got = listening.read(large.size()); });
  EXPECT_TRUE((*connection)->send(large));
  reader.join();
  EXPECT_TRUE(got == large);
  EXPECT_TRUE((*connection)->wait_until_confirmed());
  EXPECT_TRUE((*connection)->is_open());
  EXPECT_LT((*connection)->silence(), 5s);
  std::this_thread::sleep_for(100ms);
  EXPECT_GE((*connection)->silence(), 50ms) << "nothing was heard of it since";
}

TEST_F(Connecting, what_the_peer_says_is_dropped) {
  Listening listening;
  const auto connection = ClientConnection::connect(to(listening.port()), interruption_);
  listening.accept();
  listening.say(std::string(10'000, 'y'));
  EXPECT_TRUE((*connection)->is_open());
  EXPECT_TRUE((*connection)->send("still"));
  EXPECT_EQ(listening.read(5), "still");
}

TEST_F(Connecting, a_peer_that_hung_up_is_noticed) {
  Listening listening;
  const auto connection = ClientConnection::connect(to(listening.port()), interruption_);
  listening.accept();
  listening.hang_up();
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE((*connection)->is_open());
  EXPECT_FALSE((*connection)->send("lost"));
}

TEST_F(Connecting, a_peer_that_does_not_read_is_given_up) {
  Listening listening;
  ClientOptions options = to(listening.port());
  options.write_timeout = 100ms;
  const auto connection = ClientConnection::connect(options, interruption_);
  listening.accept();
  const auto sent = (*connection)->send(std::string(std::size_t{64} << 20, 'x'));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kDeadlineExceeded);
  const auto confirmed = (*connection)->wait_until_confirmed();
  ASSERT_FALSE(confirmed);
  EXPECT_EQ(confirmed.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(Connecting, nobody_there_and_no_such_host) {
  std::uint16_t port = 0;
  {
    const Listening gone;
    port = gone.port();
  }
  EXPECT_NE(refusal(to(port), ErrorCode::kUnavailable).find("refused"), std::string::npos);
  EXPECT_NE(refusal({.host = "no-such-host.invalid", .port = 6514}, ErrorCode::kUnavailable)
                .find("`no-such-host.invalid` has no address"),
            std::string::npos);
}

TEST_F(Connecting, names_are_looked_up) {
  Listening listening;
  ClientOptions options = to(listening.port());
  options.host = "localhost";
  EXPECT_TRUE(ClientConnection::connect(options, interruption_));
}

TEST_F(Connecting, an_interruption_ends_every_wait) {
  Listening silent;  // takes the connection, but says nothing of TLS
  std::thread stop([&] {
    std::this_thread::sleep_for(50ms);
    interruption_.raise();
  });
  EXPECT_EQ(refusal(with_tls(silent.port()), ErrorCode::kCancelled), "interrupted");
  stop.join();
  EXPECT_TRUE(interruption_.is_raised());
  EXPECT_EQ(refusal({.host = "a.name.invalid", .port = 1}, ErrorCode::kCancelled), "interrupted");
}

TEST_F(Connecting, a_peer_that_does_not_shake_hands_is_given_up) {
  Listening silent;
  ClientOptions options = with_tls(silent.port());
  options.connect_timeout = 100ms;
  refusal(options, ErrorCode::kDeadlineExceeded);
}

TEST_F(Connecting, tls_carries_what_is_sent) {
  const KeyPair pair = authority_.issue();
  std::mutex mutex;
  std::condition_variable came;
  std::string body;
  RunningServer server(
      [&](const HttpRequest& request) {
        const std::scoped_lock lock(mutex);
        body = request.body;
        came.notify_one();
        return HttpResponse{};
      },
      {.listeners = {{.tls = Authority::files(pair)}}});
  const auto connection = ClientConnection::connect(with_tls(server.port()), interruption_);
  ASSERT_TRUE(connection) << connection.error().message;
  const std::string large(500'000, 'z');
  EXPECT_TRUE((*connection)->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n"));
  EXPECT_TRUE((*connection)->send(large));
  EXPECT_TRUE((*connection)->wait_until_confirmed());
  std::unique_lock lock(mutex);
  EXPECT_TRUE(came.wait_for(lock, 5s, [&] { return body == large; }));
}

TEST_F(Connecting, tls_takes_nobody_else) {
  const Authority another;
  const auto refuses = [&](const Authority& issuer, const Authority::Wish& wish,
                           std::string_view why) {
    const KeyPair pair = issuer.issue(wish);
    ServerOptions served{.listeners = {{.tls = Authority::files(pair)}}};
    RunningServer server(echo, served);
    const std::string said = refusal(with_tls(server.port()), ErrorCode::kUnauthenticated);
    EXPECT_NE(said.find(why), std::string::npos) << said;
  };
  refuses(another, {}, "unable to get local issuer certificate");
  refuses(authority_, {.alternatives = "DNS:localhost"}, "IP address mismatch");
  refuses(authority_, {.alternatives = "IP:127.0.0.2"}, "IP address mismatch");

  const KeyPair pair =
      authority_.issue({.name = "siem.example", .alternatives = "DNS:siem.example"});
  RunningServer server(echo, {.listeners = {{.tls = Authority::files(pair)}}});
  ClientOptions options = with_tls(server.port());
  for (const char* wrong : {"example", "other.example", "a.siem.example", "siem.example.org"}) {
    options.name = wrong;
    EXPECT_NE(refusal(options, ErrorCode::kUnauthenticated).find("hostname mismatch"),
              std::string::npos)
        << wrong;
  }
  options.name = "siem.example";
  EXPECT_TRUE(ClientConnection::connect(options, interruption_));
}

TEST_F(Connecting, a_certificate_s_common_name_is_no_name) {
  const KeyPair pair = authority_.issue({.name = "siem.example", .alternatives = "DNS:b.example"});
  RunningServer server(echo, {.listeners = {{.tls = Authority::files(pair)}}});
  ClientOptions options = with_tls(server.port());
  options.name = "siem.example";
  refusal(options, ErrorCode::kUnauthenticated);
}

TEST_F(Connecting, tls_shows_its_certificate) {
  TlsFiles files = Authority::files(authority_.issue());
  files.client_ca = authority_.certificate();
  files.is_client_certificate_required = true;
  files.allows_tls12 = false;
  RunningServer server(echo, {.listeners = {{.tls = files}}});
  ClientOptions options = with_tls(server.port());
  const KeyPair ours = authority_.issue({.name = "ours"});
  options.tls->certificate = ours.certificate;
  options.tls->key = ours.key;
  const auto connection = ClientConnection::connect(options, interruption_);
  ASSERT_TRUE(connection) << connection.error().message;
  ASSERT_TRUE((*connection)->send(get("/")));
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE((*connection)->is_open());

  // One that has expired, and none: with TLS 1.3 the server says so after the handshake.
  const KeyPair old = authority_.issue({.name = "old", .begins = -48h, .ends = -24h});
  ClientOptions expired = options;
  expired.tls->certificate = old.certificate;
  expired.tls->key = old.key;
  for (const ClientOptions& each : {expired, with_tls(server.port())}) {
    const auto stranger = ClientConnection::connect(each, interruption_);
    std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(stranger && (*stranger)->is_open());
  }
}

TEST_F(Connecting, a_server_without_tls_gets_nothing) {
  RunningServer server(echo);
  refusal(with_tls(server.port()), ErrorCode::kUnauthenticated);
}

TEST_F(Connecting, files_that_cannot_be_used_are_named) {
  const KeyPair pair = authority_.issue();
  const auto fault = [](const ClientTlsFiles& files) {
    const auto checked = check_client_tls(files);
    return checked ? "sound" : checked.error().message;
  };
  EXPECT_EQ(fault({.ca = authority_.certificate()}), "sound");
  EXPECT_EQ(fault({}), "sound");
  EXPECT_NE(fault({.ca = "/no/such.pem"}).find("`/no/such.pem`"), std::string::npos);
  EXPECT_NE(fault({.ca = pair.key}).find("the authority of servers"), std::string::npos);
  EXPECT_NE(fault({.certificate = "/no.pem", .key = pair.key}).find("`/no.pem`"),
            std::string::npos);
  EXPECT_NE(fault({.certificate = pair.certificate, .key = "/no.key"}).find("`/no.key`"),
            std::string::npos);
  const KeyPair another = authority_.issue({.name = "another"});
  EXPECT_NE(fault({.certificate = pair.certificate, .key = another.key}).find("key"),
            std::string::npos);
  const KeyPair locked = authority_.issue({.name = "locked", .is_key_encrypted = true});
  EXPECT_NE(fault({.certificate = locked.certificate, .key = locked.key}).find("encrypted"),
            std::string::npos);
  const KeyPair old = authority_.issue({.name = "old", .begins = -48h, .ends = -24h});
  EXPECT_EQ(fault({.certificate = old.certificate, .key = old.key}), "sound");
}

}  // namespace
}  // namespace wardlock::net
