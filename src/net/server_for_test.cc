#include "net/server_for_test.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

namespace wardlock::net {

RawClient::RawClient(int family) : family_(family), fd_(::socket(family, SOCK_STREAM, 0)) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::~RawClient() { ::close(fd_); }

void RawClient::connect(std::uint16_t port) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  six.sin6_addr = in6addr_loopback;
  const bool is_four = family_ == AF_INET;
  connected_ =
      ::connect(fd_,
                is_four ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six),
                is_four ? sizeof four : sizeof six) == 0;
}

RawClient& RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write_some(bytes);
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return *this;
}

void RawClient::finish() { ::shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd_);
  fd_ = -1;
}

Reply RawClient::receive(bool body_comes) {
  std::size_t end;
  while ((end = held_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  Reply reply{.header = held_.substr(0, end + 2)};
  std::from_chars(held_.data() + 9, held_.data() + 12, reply.status);
  std::size_t length = 0;
  const std::size_t at = reply.header.find("\r\nContent-Length: ");
  if (at != std::string::npos && body_comes) {
    std::from_chars(reply.header.data() + at + 18, reply.header.data() + reply.header.size(),
                    length);
  }
  while (held_.size() < end + 4 + length) {
    if (!fill()) return {};
  }
  reply.body = held_.substr(end + 4, length);
  held_.erase(0, end + 4 + length);
  return reply;
}

std::string RawClient::receive_bytes(std::size_t count) {
  while (held_.size() < count && fill()) continue;
  std::string bytes = held_.substr(0, count);
  held_.erase(0, count);
  return bytes;
}

ssize_t RawClient::write_some(std::string_view bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

ssize_t RawClient::read_some(char* space, std::size_t size) { return ::recv(fd_, space, size, 0); }

bool RawClient::fill() {
  char some[4096];
  const ssize_t got = read_some(some, sizeof some);
  ended_ = got == 0;
  if (got <= 0) return false;
  held_.append(some, static_cast<std::size_t>(got));
  return true;
}

Handler handler_of(AnswerForTest answer) {
  return [answer = std::move(answer)](const HttpRequest& request, HttpResponse& response) {
    response = answer(request);
  };
}

ServiceFactory always(AnswerForTest answer) {
  return [handler = handler_of(std::move(answer))] { return Service{handler}; };
}

RunningServer::RunningServer(AnswerForTest answer, ServerOptions options) {
  if (options.threads == 0) options.threads = 2;
  if (options.listeners.empty()) options.listeners = {{}};
  auto server = HttpServer::listen(options, always(std::move(answer)));
  if (!server) {
    ADD_FAILURE() << server.error().message;
    std::abort();
  }
  server_ = *std::move(server);
  thread_ = std::thread([this] { EXPECT_TRUE(server_->run()); });
}

void RunningServer::stop_and_wait() {
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

HttpResponse echo(const HttpRequest& request) {
  return {.content_type = "text/plain",
          .body = std::string(request.method) + " " + std::string(request.target) + " " +
                  std::string(request.body)};
}

std::string get(std::string_view target, std::string_view headers) {
  return std::string("GET ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: h\r\n")
      .append(headers)
      .append("\r\n");
}

}  // namespace wardlock::net
