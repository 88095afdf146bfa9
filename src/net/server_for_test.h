#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "net/http_server.h"

// What tests over real sockets need.
namespace wardlock::net {

struct Reply {
  int status = 0;  ///< 0: none came
  std::string header = {};
  std::string body = {};

  bool says_close() const { return header.contains("\r\nConnection: close\r\n"); }
};

/// A client that sends exactly the bytes it is told to. Reads give up after ten seconds, so that a
/// server that hangs fails its test.
class RawClient {
 public:
  explicit RawClient(int family = 2 /* AF_INET */);
  explicit RawClient(std::uint16_t port) : RawClient() { connect(port); }
  virtual ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void connect(std::uint16_t port);
  bool connected() const { return connected_; }
  RawClient& send(std::string_view bytes);
  /// No more will be sent.
  void finish();
  void reset();
  Reply receive(bool body_comes = true);
  /// Exactly so many bytes; fewer when the server ends.
  std::string receive_bytes(std::size_t count);
  /// Whether the server ends the connection in good order, and sends nothing more.
  bool sees_end() { return held_.empty() && !fill() && ended_; }

 protected:
  /// As `::send` and `::recv`.
  virtual ssize_t write_some(std::string_view bytes);
  virtual ssize_t read_some(char* space, std::size_t size);
  int socket() const { return fd_; }

 private:
  bool fill();

  int family_;
  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string held_;
};

using AnswerForTest = std::function<HttpResponse(const HttpRequest&)>;

Handler handler_of(AnswerForTest answer);
ServiceFactory always(AnswerForTest answer);

/// A server on a thread of its own, stopped and joined at the end. Unless the options say
/// otherwise: two threads, one plain listener.
class RunningServer {
 public:
  explicit RunningServer(AnswerForTest answer, ServerOptions options = {});
  ~RunningServer() { stop_and_wait(); }

  std::uint16_t port(std::size_t listener = 0) const { return server_->ports().at(listener); }
  ServerCounters counters() const { return server_->counters(); }
  HttpServer& server() { return *server_; }
  void stop() { server_->stop(); }
  void stop_and_wait();

 private:
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

/// Says what it was asked.
HttpResponse echo(const HttpRequest& request);

std::string get(std::string_view target, std::string_view headers = "");

}  // namespace wardlock::net
