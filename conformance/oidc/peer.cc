// An identity provider for other people's clients to sign in to: the rules and endpoints as the
// server has them, over a database of its own, with a person who is signed in and says yes.
//
// Usage: wardlock_oidc_peer FOLDER < CLIENTS.json. Prints one line of JSON: the issuer, the person,
// and each client's id and secret; then serves until it is killed. Beside the endpoints:
//   GET /sign-in?request=HANDLE       the person approves; `&deny` says no
//   GET /device?user_code=CODE        the same for a device
//   GET /end-session                  the person's session ends
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "api/oidc/endpoints.h"
#include "api/oidc/reply.h"
#include "authn/oauth/provider.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "directory/registry/registry.h"
#include "net/http_server.h"
#include "net/query_string.h"
#include "secrets/secret_table.h"
#include "tables/tables.h"

namespace {

using namespace wardlock;  // NOLINT(google-build-using-namespace): a program of one file

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << result.error().message << "\n";
    std::exit(1);
  }
  return *std::move(result);
}

template <typename T>
T must(oauth::Answer<T> answer) {
  if (!answer) {
    std::cerr << answer.error().description << "\n";
    std::exit(1);
  }
  return *std::move(answer);
}

class Peer {
 public:
  explicit Peer(const std::string& folder)
      : store_(must(
            storage::Store::open({.url = "sqlite:" + folder + "/peer.db"}, tables::migrations()))),
        secrets_(must(secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}))),
        registry_(*store_, {.clock = &wall_clock_ms,
                            .fill_random = &crypto::fill_random,
                            .node = "peer",
                            .secrets = &secrets_}),
        provider_(oauth::Parts{.store = *store_,
                               .secrets = secrets_,
                               .registry = registry_,
                               .fill_random = &crypto::fill_random},
                  crypto::HmacKey("nonces of one run"), {}) {}

  /// Enters the person and the clients, and says who they are.
  boost::json::object enter(std::uint16_t port, const codec::Json& clients) {
    issuer_ = fmt::format("http://127.0.0.1:{}", port);
    const directory::Mandate mandate{.tenant = "main", .actor_type = "User", .actor_id = "peer"};
    must(registry_.write(mandate, [&](directory::Edit& edit) -> Result<void> {
      const codec::Json grey = {{"userName", "grey"},
                                {"displayName", "Dr. Meredith Grey"},
                                {"emails", {{{"value", "grey@st-mary.example"}}}}};
      person_ = TRY(edit.create(directory::Kind::kPerson, grey, "active")).id;
      return {};
    }));
    boost::json::array entered;
    for (const codec::Json& each : clients.as_array()) {
      const auto written = must(provider_.clients.write(now(), each.as_object()));
      boost::json::object told = {{"client_id", written.client.id}};
      if (written.secret) told["client_secret"] = written.secret->reveal();
      entered.push_back(told);
    }
    return {{"issuer", issuer_}, {"person", person_}, {"clients", entered}};
  }

  void answer(const net::HttpRequest& request, net::HttpResponse& response) {
    if (request.path == "/sign-in") return sign_in(request, response);
    if (request.path == "/device") return approve_device(request, response);
    if (request.path == "/end-session") {
      must_end();
      response.body = "ended";
      return;
    }
    const authn::Session session = this->session();
    const bool is_signed_in = request.header("Cookie").value_or("").contains("signed-in");
    oidc::answer(request,
                 {.provider = provider_,
                  .occasion = now(),
                  .session = is_signed_in ? &session : nullptr,
                  .end_session = [this](const authn::Session&) -> Result<void> {
                    must_end();
                    return {};
                  },
                  .may_register = [](const net::HttpRequest&) { return true; }},
                 response);
  }

 private:
  oauth::Occasion now() const {
    return {.tenant = "main", .issuer = issuer_, .now_ms = wall_clock_ms()};
  }

  authn::Session session() const {
    authn::Session session;
    session.id = "session-of-grey";
    session.tenant = "main";
    session.person = person_;
    session.assurance.level = authn::AssuranceLevel::kAal2;
    session.assurance.methods = {"hwk", "user"};
    session.assurance.authenticated_ms = wall_clock_ms();
    return session;
  }

  void must_end() {
    if (const auto ended = provider_.logouts.session_ended(now(), "session-of-grey", person_);
        !ended) {
      std::cerr << ended.error().description << "\n";
    }
  }

  static std::string parameter(const net::HttpRequest& request, std::string_view name) {
    const auto query = net::read_query_string(request.query);
    if (!query) return {};
    for (const auto& each : *query) {
      if (each.name == name) return each.value;
    }
    return {};
  }

  void sign_in(const net::HttpRequest& request, net::HttpResponse& response) {
    const std::string handle = parameter(request, "request");
    const auto answer =
        parameter(request, "deny").empty()
            ? provider_.authorizations.approve(now(), handle, session(), {.patient = "patient-7"})
            : provider_.authorizations.deny(now(), handle);
    if (!answer) return net::write_problem(400, answer.error().description, response);
    oidc::write_return(*answer, response);
  }

  void approve_device(const net::HttpRequest& request, net::HttpResponse& response) {
    const std::string code = parameter(request, "user_code");
    const auto done = parameter(request, "deny").empty()
                          ? provider_.devices.approve(now(), code, session(), {})
                          : provider_.devices.deny(now(), code);
    if (!done) return net::write_problem(400, done.error().description, response);
    response.body = "done";
  }

  std::unique_ptr<storage::Store> store_;
  secrets::SecretTable secrets_;
  directory::Registry registry_;
  oauth::Provider provider_;
  std::string issuer_;
  std::string person_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: wardlock_oidc_peer FOLDER < CLIENTS.json\n";
    return 2;
  }
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const codec::Json clients = must(codec::parse_json(input));
  Peer peer(argv[1]);
  net::ServerOptions options;
  options.listeners = {net::Listener{}};
  options.threads = 2;
  const auto server = must(net::HttpServer::listen(options, [&peer] {
    return net::Service{
        .handler = [&peer](const net::HttpRequest& request, net::HttpResponse& response) {
          peer.answer(request, response);
        }};
  }));
  const auto told = peer.enter(server->ports().at(0), clients);
  std::cout << codec::to_json_text(codec::Json(told)) << std::endl;
  return server->run() ? 0 : 1;
}
