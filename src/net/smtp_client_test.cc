#include "net/smtp_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace wardlock::net {
namespace {

/// A server that speaks no TLS, for one connection: keeps what it is told. Servers that do are real
/// ones, in src/cli/messages_real_test.py.
class PlainServer {
 public:
  explicit PlainServer(std::string greeting) : greeting_(std::move(greeting)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listening_, any, size), 0);
    EXPECT_EQ(::listen(listening_, 1), 0);
    EXPECT_EQ(::getsockname(listening_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    serving_ = std::thread([this] { serve(); });
  }
  ~PlainServer() {
    ::shutdown(listening_, SHUT_RDWR);
    serving_.join();
    ::close(listening_);
  }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// All that it was told; ends the serving.
  std::string told() {
    ::shutdown(listening_, SHUT_RDWR);
    if (serving_.joinable()) serving_.join();
    serving_ = std::thread([] {});
    return told_;
  }

 private:
  void serve() {
    const int peer = ::accept(listening_, nullptr, nullptr);
    if (peer < 0) return;
    say(peer, greeting_);
    char bytes[1024];
    ssize_t got = 0;
    while ((got = ::recv(peer, bytes, sizeof(bytes), 0)) > 0) {
      const std::string line(bytes, static_cast<std::size_t>(got));
      told_ += line;
      if (line.starts_with("EHLO")) {
        say(peer, "250-mx.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n");
      } else if (line.starts_with("QUIT")) {
        break;
      } else {
        say(peer, "250 OK\r\n");
      }
    }
    ::close(peer);
  }
  static void say(int peer, const std::string& line) {
    [[maybe_unused]] const ssize_t sent = ::send(peer, line.data(), line.size(), MSG_NOSIGNAL);
  }

  const std::string greeting_;
  std::string told_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread serving_;
};

Mail mail() {
  return {.id = "019a-7",
          .from = "wardlock@st-mary.example",
          .to = "grey@st-mary.example",
          .subject = "A passkey was added",
          .text = "Hello\n",
          .date = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000))};
}

SmtpServer at(std::uint16_t port) {
  return {.host = "127.0.0.1",
          .port = port,
          .user = "wardlock",
          .password = Secret("seven quiet lamps"),
          .connect_timeout = std::chrono::milliseconds(2'000),
          .timeout = std::chrono::milliseconds(2'000)};
}

TEST(SmtpClient, SaysNothingWithoutTls) {
  const Interruption never;
  PlainServer server("220 mx.example ESMTP\r\n");
  const auto sent = send_mail(at(server.port()), mail(), never);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kUnauthenticated) << sent.error().message;
  const std::string told = server.told();
  EXPECT_EQ(told.find("AUTH"), std::string::npos) << told;
  EXPECT_EQ(told.find("MAIL"), std::string::npos) << told;
  EXPECT_EQ(told.find("grey"), std::string::npos) << told;
}

TEST(SmtpClient, FailsWhereNobodyListensOrNobodyAnswers) {
  const Interruption never;
  std::uint16_t port = 0;
  {
    const PlainServer gone("");
    port = gone.port();
  }
  EXPECT_EQ(send_mail(at(port), mail(), never).error().code, ErrorCode::kUnavailable);
  const PlainServer silent("");
  EXPECT_EQ(send_mail(at(silent.port()), mail(), never).error().code, ErrorCode::kDeadlineExceeded);
  const PlainServer full("421 too many connections\r\n");
  EXPECT_EQ(send_mail(at(full.port()), mail(), never).error().code, ErrorCode::kUnavailable);
}

TEST(SmtpClient, IsBrokenOff) {
  Interruption ending;
  const PlainServer silent("");
  ending.raise();
  EXPECT_EQ(send_mail(at(silent.port()), mail(), ending).error().code, ErrorCode::kCancelled);
}

TEST(SmtpClient, SendsNoMailThatIsNone) {
  const Interruption never;
  Mail bad = mail();
  bad.to = "grey@st-mary.example\r\nRCPT TO:<evil@evil.example>";
  EXPECT_EQ(send_mail(at(1), bad, never).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace wardlock::net
