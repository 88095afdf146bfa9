// The real server answers over real connections, and the thread that answers takes no memory from
// the heap once it has answered each kind of request a few times; also where answers are recorded.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "authn/token.h"
#include "config/config.h"
#include "heap_watch.h"
#include "net/server_for_test.h"
#include "server/serve.h"
#include "server/signal_thread.h"

namespace wardlock {
namespace {

using net::RawClient;
using net::Reply;

constexpr int kRounds = 50;

struct Ask {
  std::string what;
  std::string request;
  int status = 200;
  std::string holds;  ///< a part of the answer's body, so that it is the answer that was meant
};

class RequestMemory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server::take_over_signals();  // so that every thread leaves them to the server's
    std::promise<std::uint16_t> listening;
    server_thread = std::thread([&listening] {
      HeapWatch::watch_this_thread();
      const auto on_listening = [&](const std::vector<std::string>& urls, const server::World&) {
        const std::string& url = urls.front();
        listening.set_value(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
      };
      const auto served =
          server::serve(configuration(), {.read_config = {}, .on_listening = on_listening});
      EXPECT_TRUE(served) << served.error().message;
    });
    port = listening.get_future().get();
  }

  static void TearDownTestSuite() {
    kill(getpid(), SIGTERM);
    server_thread.join();
    if (!log_folder.empty()) std::filesystem::remove_all(log_folder);
  }

  /// The hospital, asked by a caller that may do all, one that may ask about little, and one of
  /// nowhere.
  static config::Config configuration() {
    const std::string hospital = WARDLOCK_SOURCE_DIR "/policies/hospital";
    config::Config config;
    config.server.listeners = {{}};
    config.server.threads = 1;
    config.tenants = {{.name = "", .policies = hospital, .entities = hospital + "/entities.json"}};
    config.callers = {{.caller = pdp::Caller::unrestricted("ward"),
                       .tenant = 0,
                       .quota = authn::Quota{.rate = 1'000'000, .burst = 1'000'000},
                       .tokens = {authn::token_hash(kWard)}},
                      {.caller = {.id = "probe"},
                       .may_read_metrics = true,
                       .tokens = {authn::token_hash(kProbe)}}};
    config.log.level = config::LogLevel::kError;
    if (std::getenv("WARDLOCK_TEST_RECORDED") != nullptr) {
      log_folder =
          std::filesystem::temp_directory_path() / ("request-memory-" + std::to_string(getpid()));
      config.audit.emplace(config::Audit{.directory = log_folder, .is_immutable = false});
    }
    return config;
  }

  static std::string post(std::string_view path, std::string_view body, std::string_view token,
                          std::string_view more = "") {
    std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
    request.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
    if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
    return request.append(more).append("\r\n").append(body);
  }
  static std::string evaluation(std::string_view body, std::string_view more = "") {
    return post("/access/v1/evaluation", body, kWard, more);
  }
  static std::string forward(std::string_view principal, std::string_view action,
                             std::string_view type, std::string_view id) {
    std::string request = "GET /forward-auth HTTP/1.1\r\nHost: localhost\r\n";
    request.append("Authorization: Bearer ").append(kWard).append("\r\nX-Subject-Type: User\r\n");
    request.append("X-Subject-Id: ").append(principal).append("\r\nX-Action: ").append(action);
    request.append("\r\nX-Resource-Type: ").append(type).append("\r\nX-Resource-Id: ").append(id);
    return request.append("\r\n\r\n");
  }

  /// Asks until nothing is new any more, then counts.
  static void expect_no_memory(RawClient& client, const Ask& ask) {
    for (int i = 0; i < kRounds; ++i) {
      const Reply reply = client.send(ask.request).receive(ask.status != 204);
      ASSERT_EQ(reply.status, ask.status) << ask.what << '\n' << reply.header << reply.body;
      ASSERT_TRUE(reply.body.contains(ask.holds)) << ask.what << '\n' << reply.body;
    }
    const HeapWatch watch;
    for (int i = 0; i < kRounds; ++i) client.send(ask.request).receive(ask.status != 204);
    EXPECT_EQ(watch.count(), 0U) << ask.what << " took memory first for\n" << watch.first();
  }

  static const std::string kWard, kProbe;
  static inline std::uint16_t port = 0;
  static inline std::thread server_thread;
  static inline std::filesystem::path log_folder;  ///< empty: nothing is recorded
};

const std::string RequestMemory::kWard = authn::new_token();
const std::string RequestMemory::kProbe = authn::new_token();

constexpr std::string_view kAllowed =
    R"({"subject":{"type":"User","id":"dr-grey"},"action":{"name":"view"},)"
    R"("resource":{"type":"LabReport","id":"lab-100-1"},"options":{"reasons":true}})";
constexpr std::string_view kDenied =
    R"({"subject":{"type":"User","id":"nurse-lee"},"action":{"name":"updateFirmware"},)"
    R"("resource":{"type":"InfusionPump","id":"pump-7"},"options":{"reasons":true}})";
constexpr std::string_view kBreakable =
    R"({"subject":{"type":"User","id":"dr-swift"},"action":{"name":"view"},)"
    R"("resource":{"type":"LabReport","id":"lab-200-1"}})";
constexpr std::string_view kUnderGrant =
    R"({"subject":{"type":"User","id":"dr-swift"},"action":{"name":"view"},)"
    R"("resource":{"type":"LabReport","id":"lab-200-1"},"options":{"grant":"grant-1"}})";
constexpr std::string_view kStepUp =
    R"({"subject":{"type":"User","id":"tele-abbas","properties":{"shift":"night \"2\""}},)"
    R"("action":{"name":"runDiagnostics","properties":{"speed":3}},)"
    R"("resource":{"type":"InfusionPump","id":"pump-7","properties":{"room":"12\/B","n":null}},)"
    R"("context":{"ip":"10.20.0.5","justification":"ticket 4711: display is d\u00e9fectueux"},)"
    R"("options":{"authentication":{"level":1,"methods":["pwd"]},"obligations":["mask"]}})";

constexpr std::string_view kActed =
    R"({"subject":{"type":"User","id":"dr-grey"},"action":{"name":"view"},)"
    R"("resource":{"type":"LabReport","id":"lab-100-1"},)"
    R"("options":{"actor":{"type":"User","id":"dr-grey"}}})";
constexpr std::string_view kActorDenied =
    R"({"subject":{"type":"User","id":"dr-grey"},"action":{"name":"view"},)"
    R"("resource":{"type":"LabReport","id":"lab-100-1"},)"
    R"("options":{"actor":{"type":"User","id":"tele-abbas"}}})";

TEST_F(RequestMemory, is_not_needed_for_a_decision) {
  RawClient client;
  client.connect(port);
  for (const Ask& ask : {
           Ask{"an allow", evaluation(kAllowed), 200, R"("decision":true)"},
           Ask{"a deny", evaluation(kDenied), 200, R"("decision":false)"},
           Ask{"a deny that may be overridden", evaluation(kBreakable), 200, "override_possible"},
           Ask{"an override", evaluation(kUnderGrant), 200, R"("cause":"override")"},
           Ask{"an allow for who acts, too", evaluation(kActed), 200, R"("actor")"},
           Ask{"a deny for who acts", evaluation(kActorDenied), 200, R"("denied":true)"},
           Ask{"properties, context and a step-up", evaluation(kStepUp), 200, "step_up"},
           Ask{"a request with an id and a preference",
               evaluation(kAllowed,
                          "X-Request-ID: 0d1c1f84-6f0e-4a39-8f3c-7a6b1a2c3d4e\r\n"
                          "Prefer: return=minimal\r\n"),
               200, R"({"decision":true})"},
       }) {
    expect_no_memory(client, ask);
  }
}

TEST_F(RequestMemory, is_not_needed_for_several_questions) {
  RawClient client;
  client.connect(port);
  std::string batch = R"({"evaluations":[)";
  for (int i = 0; i < 20; ++i) batch.append(i % 2 == 0 ? kAllowed : kDenied).append(",");
  batch.back() = ']';
  batch += '}';
  const std::string path = "/access/v1/evaluations";
  expect_no_memory(client, {"a batch", post(path, batch, kWard), 200, R"("evaluations")"});
  expect_no_memory(
      client, {"a batch in full", post(path, batch, kWard, "Prefer: return=representation\r\n"),
               200, "policies"});
}

TEST_F(RequestMemory, is_not_needed_for_a_proxy) {
  RawClient client;
  client.connect(port);
  expect_no_memory(client,
                   {"an allow", forward("dr-grey", "view", "LabReport", "lab-100-1"), 204, ""});
  expect_no_memory(client,
                   {"a deny", forward("nurse-lee", "updateFirmware", "InfusionPump", "pump-7"), 403,
                    "access denied"});
}

TEST_F(RequestMemory, is_not_needed_for_who_may_not_ask) {
  RawClient client;
  client.connect(port);
  const std::string path = "/access/v1/evaluation";
  for (const Ask& ask : {
           Ask{"no token", post(path, kAllowed, ""), 401, "say who you are"},
           Ask{"an unknown token", post(path, kAllowed, authn::new_token()), 401, "no caller"},
           Ask{"what is no token", post(path, kAllowed, "secret"), 401, "not of the form"},
           Ask{"a caller of nowhere", post(path, kAllowed, kProbe), 403, "may not ask here"},
           Ask{"a credential in the query", post(path + "?token=x", kAllowed, kWard), 400,
               "a credential does not belong"},
           Ask{"another site", post(path, kAllowed, kWard, "Origin: http://evil.example\r\n"), 403,
               "`Origin`"},
           Ask{"no JSON type",
               "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + kWard +
                   "\r\nContent-Length: 0\r\n\r\n",
               400, "`Content-Type`"},
       }) {
    expect_no_memory(client, ask);
  }
}

TEST_F(RequestMemory, is_not_needed_for_requests_that_come_together) {
  RawClient client;
  client.connect(port);
  expect_no_memory(client, {"one", evaluation(kAllowed), 200, "decision"});
  constexpr int kTogether = 16;
  std::string many;
  for (int i = 0; i < kTogether; ++i) many += evaluation(i % 2 == 0 ? kAllowed : kDenied);
  const auto ask = [&] {
    client.send(many);
    for (int i = 0; i < kTogether; ++i) ASSERT_EQ(client.receive().status, 200);
  };
  for (int i = 0; i < 5; ++i) ask();
  const HeapWatch watch;
  for (int i = 0; i < 5; ++i) ask();
  EXPECT_EQ(watch.count(), 0U) << watch.first();
}

/// Otherwise the rest would prove nothing.
TEST_F(RequestMemory, is_seen_where_it_is_taken) {
  RawClient client;
  client.connect(port);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (int i = 0; i < kRounds; ++i) ASSERT_EQ(client.send(request).receive().status, 200);
  const HeapWatch watch;  // its report is made as a document in memory
  client.send(request).receive();
  EXPECT_GE(watch.count(), 1U);
}

}  // namespace
}  // namespace wardlock
