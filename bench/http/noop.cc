// A server on our HTTP stack that decides nothing: what a decision costs is the difference.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "net/http_server.h"

int main(int argc, char** argv) {
  using namespace wardlock::net;
  std::uint16_t port = 0;
  unsigned threads = 1;
  CLI::App app{"answers every request with the same 200 bytes of JSON"};
  app.add_option("--port", port, "on 127.0.0.1; 0: one that is free");
  app.add_option("--threads", threads, "event loops");
  CLI11_PARSE(app, argc, argv);

  const std::string body = R"({"decision":true,"padding":")" + std::string(170, 'x') + R"("})";
  Handler handler = [&](const HttpRequest&, HttpResponse& response) {
    response.content_type = "application/json";
    response.body = body;
  };
  const auto server = HttpServer::listen({.listeners = {{.port = port}}, .threads = threads},
                                         [&handler] { return Service{handler}; });
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().message);
    return 1;
  }
  fmt::print("listening on 127.0.0.1:{}\n", (*server)->ports().front());
  std::fflush(stdout);
  return (*server)->run() ? 0 : 1;
}
